--[[
Let a product that was loaded be known, now that Postgres has committed the load's epoch.

KEYS[1]     stock

ARGV[1]     run id of this server
ARGV[2]     epoch of that load

Returns
  {"published"}    the product is known by that load
  {"superseded"}   another load came after it, or it was told to another server; nothing changed

Cost O(1)
]]
local server, epoch = ARGV[1], ARGV[2]
local known = redis.call("HMGET", KEYS[1], "server", "epoch")
if known[2] ~= epoch or (known[1] ~= server and known[1] ~= server .. "?") then
  return { "superseded" }
end
-- Frees first, so that a full server can still be told of a product.
redis.call("HDEL", KEYS[1], "server")
redis.call("HSET", KEYS[1], "server", server)
return { "published" }
