--[[
Give up an order's reservation, so that its units are on sale again.

A deadline given as a fence protects whoever reserved again under the same id: only a reservation
that still has that deadline is given up.

KEYS[3n-2]  stock of line n
KEYS[3n-1]  reservations of line n
KEYS[3n]    committed units of line n
KEYS[last]  reservation of the order (may be left out)

ARGV[1]     order id
ARGV[2]     deadline in milliseconds that the reservation must have, or "any"
ARGV[3..]   units, one per line

Returns
  {"released"}    nothing is held for the order under that deadline any more
  {"committed"}   the order is paid; nothing changed

Cost O(lines + what has run out), each times log of the product's reservations
]]
local id, fence = ARGV[1], ARGV[2]
local lines = #ARGV - 2
local reservation = KEYS[3 * lines + 1]
local time = redis.call("TIME")
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local reserved, is_given_up = {}, {}
for line = 1, lines do
  local stock, reservations, committed = KEYS[3 * line - 2], KEYS[3 * line - 1], KEYS[3 * line]
  if redis.call("HEXISTS", committed, id) == 1 then
    return { "committed" }
  end
  local levels = redis.call("HMGET", stock, "on_hand", "reserved")
  if levels[1] then
    local returned = 0
    for _, member in ipairs(redis.call("ZRANGEBYSCORE", reservations, "-inf", now_ms)) do
      returned = returned + tonumber(string.match(member, ":(%d+)$"))
    end
    local own_ms = redis.call("ZSCORE", reservations, id .. ":" .. tonumber(ARGV[line + 2]))
    is_given_up[line] = own_ms and (fence == "any" or tonumber(own_ms) == tonumber(fence))
    if is_given_up[line] and tonumber(own_ms) > now_ms then
      returned = returned + tonumber(ARGV[line + 2])
    end
    reserved[line] = levels[2] - returned
  end
end

for line = 1, lines do
  local stock, reservations = KEYS[3 * line - 2], KEYS[3 * line - 1]
  if reserved[line] then
    redis.call("ZREMRANGEBYSCORE", reservations, "-inf", now_ms)
    if is_given_up[line] then
      redis.call("ZREM", reservations, id .. ":" .. tonumber(ARGV[line + 2]))
    end
    redis.call("HSET", stock, "reserved", reserved[line])
  end
end
if reservation and is_given_up[1] then
  redis.call("DEL", reservation)
end
return { "released" }
