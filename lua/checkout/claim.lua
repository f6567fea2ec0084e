--[[
Claim the right to answer one request, so that its repetitions do not run beside it.

KEYS[1]     request

ARGV[1]     fingerprint of the request's body
ARGV[2]     token of whoever claims
ARGV[3]     lease in milliseconds, after which the claimer is taken for dead

Returns
  {"claimed"}          the caller answers; so it is where its first call's reply was lost
  {"in_flight", ms}    another one does, for that long at most
  {"answered"}         it was answered; Postgres has the answer
  {"other_request"}    the key was used with another body

Cost O(1)
]]
local request = KEYS[1]
local fingerprint, token, lease_ms = ARGV[1], ARGV[2], ARGV[3]

local known = redis.call("HMGET", request, "fingerprint", "token")
if known[1] and known[1] ~= fingerprint then
  return { "other_request" }
elseif known[2] == "answered" then
  return { "answered" }
elseif known[1] and known[2] ~= token then
  return { "in_flight", redis.call("PTTL", request) }
end
redis.call("HSET", request, "fingerprint", fingerprint, "token", token)
redis.call("PEXPIRE", request, lease_ms)
return { "claimed" }
