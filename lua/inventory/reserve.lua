--[[
Take units out of sale for one order until a deadline, all lines or none.

KEYS[3n-2]  stock of line n
KEYS[3n-1]  reservations of line n
KEYS[3n]    committed units of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     order id
ARGV[2]     lifetime in milliseconds
ARGV[3..]   units, one per line

Returns
  {"reserved", deadline_ms, line, ...}           held until the deadline; the lines taken just now,
                                                 a line held before gets the new deadline only
  {"committed"}                                  the order is paid; nothing changed
  {"insufficient", line, available, line, ...}   every short line, counted from 1; nothing taken
  {"unknown", line, line, ...}                   Redis does not know these; nothing changed

Cost O(lines + what has run out), each times log of the product's reservations
]]
local id, lifetime_ms = ARGV[1], tonumber(ARGV[2])
local lines = #ARGV - 2
local reservation = KEYS[3 * lines + 1]
local time = redis.call("TIME")
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local deadline_ms = now_ms + lifetime_ms

local unknown, short, lapsed, taken = { "unknown" }, { "insufficient" }, {}, {}
for line = 1, lines do
  local stock, reservations, committed = KEYS[3 * line - 2], KEYS[3 * line - 1], KEYS[3 * line]
  local units = tonumber(ARGV[line + 2])
  local levels = redis.call("HMGET", stock, "on_hand", "reserved", "committed")
  if redis.call("HEXISTS", committed, id) == 1 then
    return { "committed" }
  elseif not levels[1] then
    unknown[#unknown + 1] = line
  else
    lapsed[line] = 0
    for _, member in ipairs(redis.call("ZRANGEBYSCORE", reservations, "-inf", now_ms)) do
      lapsed[line] = lapsed[line] + tonumber(string.match(member, ":(%d+)$"))
    end
    local own_ms = redis.call("ZSCORE", reservations, id .. ":" .. units)
    local is_held = own_ms and tonumber(own_ms) > now_ms
    -- Below zero while a deduction waits to be settled: no reason to refuse what is held.
    local available = math.max(levels[1] - levels[2] - levels[3] + lapsed[line], 0)
    taken[line] = is_held and 0 or units
    if available < taken[line] then
      short[#short + 1] = line
      short[#short + 1] = available
    end
  end
end
if #unknown > 1 then
  return unknown
end

local is_short = #short > 1
for line = 1, lines do
  if not is_short then
    redis.call("ZADD", KEYS[3 * line - 1], deadline_ms, id .. ":" .. tonumber(ARGV[line + 2]))
  end
end
for line = 1, lines do
  redis.call("ZREMRANGEBYSCORE", KEYS[3 * line - 1], "-inf", now_ms)
  redis.call("HINCRBY", KEYS[3 * line - 2], "reserved", (is_short and 0 or taken[line]) - lapsed[line])
end
if is_short then
  return short
end
if reservation then
  redis.call("SET", reservation, string.format("%d", deadline_ms), "PX", lifetime_ms)
end
local reply = { "reserved", deadline_ms }
for line = 1, lines do
  if taken[line] > 0 then
    reply[#reply + 1] = line
  end
end
return reply
