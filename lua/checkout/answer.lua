--[[
Remember that a request was answered, whoever claimed it.

KEYS[1]     request

ARGV[1]     fingerprint of the request's body
ARGV[2]     milliseconds to remember it for

Returns
  {"answered"}   repetitions are sent to Postgres for the answer

Cost O(1)
]]
local request = KEYS[1]
local fingerprint, lifetime_ms = ARGV[1], ARGV[2]

redis.call("HSET", request, "fingerprint", fingerprint, "token", "answered")
redis.call("PEXPIRE", request, lifetime_ms)
return { "answered" }
