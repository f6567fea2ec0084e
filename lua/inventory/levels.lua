--[[
Tell how many units of some products are on hand, reserved and committed.

KEYS[2n-1]  stock of product n
KEYS[2n]    reservations of product n

Returns
  {"levels", {on_hand, reserved, committed}, ...}   an empty list for a product Redis does not know

Cost O(products + what has run out)
]]
local products = #KEYS / 2
local time = redis.call("TIME")
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local reply, lapsed = { "levels" }, {}
for product = 1, products do
  local stock, reservations = KEYS[2 * product - 1], KEYS[2 * product]
  local levels = redis.call("HMGET", stock, "on_hand", "reserved", "committed")
  lapsed[product] = 0
  if levels[1] then
    for _, member in ipairs(redis.call("ZRANGEBYSCORE", reservations, "-inf", now_ms)) do
      lapsed[product] = lapsed[product] + tonumber(string.match(member, ":(%d+)$"))
    end
    local reserved = levels[2] - lapsed[product]
    reply[product + 1] = { tonumber(levels[1]), reserved, tonumber(levels[3]) }
  else
    reply[product + 1] = {}
  end
end

for product = 1, products do
  if lapsed[product] > 0 then
    redis.call("ZREMRANGEBYSCORE", KEYS[2 * product], "-inf", now_ms)
    redis.call("HINCRBY", KEYS[2 * product - 1], "reserved", -lapsed[product])
  end
end
return reply
