--[[
Move the deadline of an order's reservation out; it is never moved in.

KEYS[3n-2]  stock of line n
KEYS[3n-1]  reservations of line n
KEYS[3n]    committed units of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     order id
ARGV[2]     lifetime from now, in milliseconds
ARGV[3..]   units, one per line

Returns
  {"extended", deadline_ms}   held until the deadline, which may be a later one set before
  {"expired"}                 a line is not held any more; nothing changed
  {"committed"}               the order is paid; nothing changed

Cost O(lines), each times log of the product's reservations
]]
local id, lifetime_ms = ARGV[1], tonumber(ARGV[2])
local lines = #ARGV - 2
local reservation = KEYS[3 * lines + 1]
local time = redis.call("TIME")
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local deadline_ms = now_ms + lifetime_ms

for line = 1, lines do
  local stock, reservations, committed = KEYS[3 * line - 2], KEYS[3 * line - 1], KEYS[3 * line]
  if redis.call("HEXISTS", committed, id) == 1 then
    return { "committed" }
  end
  local own_ms = redis.call("ZSCORE", reservations, id .. ":" .. tonumber(ARGV[line + 2]))
  if not own_ms or tonumber(own_ms) <= now_ms or redis.call("HEXISTS", stock, "on_hand") == 0 then
    return { "expired" }
  end
  deadline_ms = math.max(deadline_ms, tonumber(own_ms))
end

for line = 1, lines do
  redis.call("ZADD", KEYS[3 * line - 1], deadline_ms, id .. ":" .. tonumber(ARGV[line + 2]))
end
if reservation then
  redis.call("SET", reservation, string.format("%d", deadline_ms), "PX", deadline_ms - now_ms)
end
return { "extended", deadline_ms }
