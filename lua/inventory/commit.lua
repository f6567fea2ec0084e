--[[
Turn a paid order's reserved units into committed ones, which never expire.

What has expired is taken again where the units are still there, all lines or none.

KEYS[3n-2]  stock of line n
KEYS[3n-1]  reservations of line n
KEYS[3n]    committed units of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     order id
ARGV[2..]   units, one per line

Returns
  {"committed"}                                  every line is committed, now or since before
  {"insufficient", line, available, line, ...}   every short line, counted from 1; nothing taken
  {"unknown", line, line, ...}                   Redis does not know these; nothing changed

Cost O(lines + what has run out), each times log of the product's reservations
]]
local id = ARGV[1]
local lines = #ARGV - 1
local reservation = KEYS[3 * lines + 1]
local time = redis.call("TIME")
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local unknown, short, reserved, held, needed = { "unknown" }, { "insufficient" }, {}, {}, {}
for line = 1, lines do
  local stock, reservations, committed = KEYS[3 * line - 2], KEYS[3 * line - 1], KEYS[3 * line]
  local units = tonumber(ARGV[line + 1])
  local levels = redis.call("HMGET", stock, "on_hand", "reserved", "committed")
  if not levels[1] then
    unknown[#unknown + 1] = line
  else
    reserved[line] = tonumber(levels[2])
    for _, member in ipairs(redis.call("ZRANGEBYSCORE", reservations, "-inf", now_ms)) do
      reserved[line] = reserved[line] - tonumber(string.match(member, ":(%d+)$"))
    end
    local own_ms = redis.call("ZSCORE", reservations, id .. ":" .. units)
    held[line] = own_ms and tonumber(own_ms) > now_ms and units or 0
    needed[line] = redis.call("HEXISTS", committed, id) == 1 and 0 or units
    -- Below zero while a deduction waits to be settled: no reason to refuse what is held.
    local available = math.max(levels[1] - reserved[line] - levels[3], 0) + held[line]
    if available < needed[line] then
      short[#short + 1] = line
      short[#short + 1] = available
    end
  end
end
if #unknown > 1 then
  return unknown
end

for line = 1, lines do
  local stock, reservations, committed = KEYS[3 * line - 2], KEYS[3 * line - 1], KEYS[3 * line]
  redis.call("ZREMRANGEBYSCORE", reservations, "-inf", now_ms)
  if #short == 1 then
    redis.call("ZREM", reservations, id .. ":" .. tonumber(ARGV[line + 1]))
    reserved[line] = reserved[line] - held[line]
    if needed[line] > 0 then
      redis.call("HSET", committed, id, needed[line])
      redis.call("HINCRBY", stock, "committed", needed[line])
    end
  end
  redis.call("HSET", stock, "reserved", reserved[line])
end
if #short > 1 then
  return short
end
if reservation then
  redis.call("DEL", reservation)
end
return { "committed" }
