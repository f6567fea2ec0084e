--[[
Give up a claim that led to no answer, so that the request may be tried again at once.

KEYS[1]     request

ARGV[1]     token of whoever claimed

Returns
  {"yielded"}   the claim is given up, if it was still this claimer's

Cost O(1)
]]
local request = KEYS[1]
local token = ARGV[1]

local known = redis.call("HGET", request, "token")
if known == token or known == token .. "?" then
  redis.call("DEL", request)
end
return { "yielded" }
