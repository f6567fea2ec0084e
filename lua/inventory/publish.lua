--[[
Let a product that was loaded be known, now that Postgres has committed the load's epoch.

KEYS[1]     stock

ARGV[1]     run id of this server
ARGV[2]     epoch of that load

Returns
  {"published"}    the product is known by that load
  {"superseded"}   another load came after it; nothing changed

Cost O(1)
]]
if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[2] then
  return { "superseded" }
end
-- Frees first, so that a full server can still be told of a product.
redis.call("HDEL", KEYS[1], "server")
redis.call("HSET", KEYS[1], "server", ARGV[1])
return { "published" }
