--[[
Tell this server about a product: on hand, and who holds units of it.

The caller has the product's row in Postgres locked, so that what it read there is still true. Until
it has committed the epoch there, and publishes it here, the product stays unknown: a load that dies
half-way is as if it had not been.

KEYS[1]     stock
KEYS[2]     reservations
KEYS[3]     committed units
KEYS[4]     buyers

ARGV[1]     run id of this server
ARGV[2]     epoch in Postgres: a product known under it is left as it is; or "any"
ARGV[3]     epoch of this load
ARGV[4]     on hand in Postgres
ARGV[5]     stock version that goes with it
ARGV[6]     units that one buyer may have, or 0
ARGV[7]     1 where it is sold from a waiting room, or 0
ARGV[8..]   "reservation", its member, its deadline in milliseconds; or "committed", order id,
            units; or "buyer", a field of the buyers, its value

Returns
  {"loaded"}   all that Postgres knows is here, and nothing else; to be published
  {"exists"}   somebody else loaded it, published or not; nothing changed

Cost O(reservations), each times their log
]]
local stock, reservations, committed, buyers = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local server, present, epoch = ARGV[1], ARGV[2], ARGV[3]
local on_hand, version, limit, room = ARGV[4], ARGV[5], ARGV[6], ARGV[7]

local known = redis.call("HMGET", stock, "server", "epoch")
local unpublished = server .. "?"
if (known[1] == server or known[1] == unpublished) and known[2] == present then
  return { "exists" }
end
local reserved, paid = 0, 0
for first = 8, #ARGV, 3 do
  local kind, field, value = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  if kind == "reservation" then
    reserved = reserved + string.match(field, ":(%d+):")
  elseif kind == "committed" then
    paid = paid + value
  end
end

redis.call("UNLINK", stock, reservations, committed, buyers)
for first = 8, #ARGV, 3 do
  local kind, field, value = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  if kind == "reservation" then
    redis.call("ZADD", reservations, value, field)
  else
    redis.call("HSET", kind == "committed" and committed or buyers, field, value)
  end
end
redis.call("HSET", stock, "server", unpublished, "epoch", epoch, "limit", limit)
if room == "1" then
  redis.call("HSET", stock, "room", room)
end
redis.call("HSET", stock, "on_hand", on_hand, "version", version)
redis.call("HSET", stock, "reserved", reserved, "committed", paid)
return { "loaded" }
