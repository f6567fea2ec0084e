--[[
Tell everything of one product as it is at this moment, tidying nothing up.

KEYS[1]     stock
KEYS[2]     reservations
KEYS[3]     committed units
KEYS[4]     buyers

ARGV[1]     run id of this server

Returns
  {"inspected", now_ms, {stock}, {reservations}, {committed}, {buyers}}   fields and values in
                                                                          turn; empty lists where
                                                                          the server was not told
                                                                          of the product

Cost O(reservations)
]]
local server = ARGV[1]
local stock, reservations, committed, buyers = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local now = now_ms()
if redis.call("HGET", stock, "server") ~= server then
  return { "inspected", now, {}, {}, {}, {} }
end
local members = redis.call("ZRANGE", reservations, 0, -1, "WITHSCORES")
return {
  "inspected",
  now,
  redis.call("HGETALL", stock),
  members,
  redis.call("HGETALL", committed),
  redis.call("HGETALL", buyers),
}
