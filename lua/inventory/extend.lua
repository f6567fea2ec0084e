--[[
Move the deadline of an order's reservation out; it is never moved in.

KEYS[4n-3]  stock of line n
KEYS[4n-2]  reservations of line n
KEYS[4n-1]  committed units of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     run id of this server
ARGV[2]     order id
ARGV[3]     buyer
ARGV[4]     lifetime from now, in milliseconds
ARGV[5..]   units, one per line

Returns
  {"extended", deadline_ms, epoch, ...}   held until the deadline, which may be a later one set
                                          before; each line's epoch
  {"expired"}                             a line is not held any more; nothing changed
  {"committed"}                           the order is paid; nothing changed
  {"unknown", line, line, ...}            this server was not told of these

Cost O(lines), each times log of the product's reservations
]]
local server, id, buyer, lifetime_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local lines = #ARGV - 4
local reservation = KEYS[4 * lines + 1]
local now = now_ms()
local deadline_ms = now + lifetime_ms

local unknown, epochs, own = { "unknown" }, {}, {}
for line = 1, lines do
  local known = redis.call("HMGET", KEYS[4 * line - 3], "server", "epoch")
  if known[1] == server then
    epochs[line] = known[2] + 0
  else
    unknown[#unknown + 1] = line
  end
end
if #unknown > 1 then
  return unknown
end

for line = 1, lines do
  local reservations, committed = KEYS[4 * line - 2], KEYS[4 * line - 1]
  own[line] = id .. ":" .. tonumber(ARGV[line + 4]) .. ":" .. buyer
  if redis.call("HEXISTS", committed, id) == 1 then
    return { "committed" }
  end
  local own_ms = tonumber(redis.call("ZSCORE", reservations, own[line]) or 0)
  if own_ms <= now then
    return { "expired" }
  end
  deadline_ms = math.max(deadline_ms, own_ms)
end

for line = 1, lines do
  redis.call("ZADD", KEYS[4 * line - 2], deadline_ms, own[line])
end
if reservation then
  redis.call("SET", reservation, string.format("%d", deadline_ms), "PXAT", deadline_ms)
end
return { "extended", deadline_ms, unpack(epochs) }
