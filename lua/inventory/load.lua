--[[
Tell Redis about a product it does not know: on hand and who holds units of it.

KEYS[1]     stock
KEYS[2]     reservations
KEYS[3]     committed units

ARGV[1]     on hand in Postgres
ARGV[2]     stock version that goes with it
ARGV[3..]   order id, units and deadline in milliseconds of each pending reservation

Returns
  {"loaded"}   Redis knows the product now
  {"exists"}   somebody else loaded it; nothing changed

Cost O(reservations)
]]
local stock, reservations, committed = KEYS[1], KEYS[2], KEYS[3]
local on_hand, version = ARGV[1], ARGV[2]

if redis.call("HEXISTS", stock, "on_hand") == 1 then
  return { "exists" }
end
local reserved = 0
for first = 3, #ARGV, 3 do
  reserved = reserved + tonumber(ARGV[first + 1])
end
local paid = 0
for _, units in ipairs(redis.call("HVALS", committed)) do
  paid = paid + tonumber(units)
end

redis.call("DEL", reservations)
for first = 3, #ARGV, 3 do
  redis.call("ZADD", reservations, ARGV[first + 2], ARGV[first] .. ":" .. ARGV[first + 1])
end
redis.call("HSET", stock, "on_hand", on_hand, "version", version)
redis.call("HSET", stock, "reserved", reserved, "committed", paid)
return { "loaded" }
