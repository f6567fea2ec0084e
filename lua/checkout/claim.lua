--[[
Claim the right to answer one request, so that its repetitions do not run beside it.

KEYS[1]     request

ARGV[1]     fingerprint of the request's body
ARGV[2]     token of whoever claims
ARGV[3]     lease in milliseconds, after which the claimer has answered or is taken for dead
ARGV[4]     milliseconds for which the request is remembered

Returns
  {"claimed"}          the caller answers; so it is where its first call's reply was lost
  {"claimed_again"}    another one had it before: the caller looks whether it has answered, and
                       holds the request by the token and "?" until then
  {"in_flight", ms}    another one has it, for that long at most
  {"other_request"}    the key was used with another body

Cost O(1)
]]
local request = KEYS[1]
local fingerprint, token, lease_ms, kept_ms = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now = now_ms()

local known = redis.call("HMGET", request, "fingerprint", "token", "until_ms")
local is_ours = known[2] == token or known[2] == token .. "?"
if known[1] and known[1] ~= fingerprint then
  return { "other_request" }
elseif known[1] and not is_ours and now < tonumber(known[3]) then
  return { "in_flight", known[3] - now }
end
local is_again = known[1] and known[2] ~= token
local held_by = is_again and token .. "?" or token
redis.call("HSET", request, "fingerprint", fingerprint, "token", held_by, "until_ms", now + lease_ms)
redis.call("PEXPIRE", request, kept_ms)
if is_again then
  return { "claimed_again" }
end
return { "claimed" }
