--[[
Forget that this product was told of by a load, so that whoever asks next loads it.

KEYS[1]     stock

ARGV[1]     epoch of that load: a product told of by another one stays known; or "any"

Returns
  {"forgotten"}   the product is not known by that load

Cost O(1)
]]
local epoch = ARGV[1]
if epoch == "any" or redis.call("HGET", KEYS[1], "epoch") == epoch then
  redis.call("HDEL", KEYS[1], "server")
end
return { "forgotten" }
