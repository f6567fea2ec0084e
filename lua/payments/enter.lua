--[[
Let a call to a gateway through, unless it has failed too often of late.

KEYS[1]     breaker

ARGV[1]     token of the call
ARGV[2]     milliseconds after which a trial is given up that has told nothing
ARGV[3]     milliseconds after which what is known is forgotten

Returns
  {"closed", turn}    the call may be made; who opened or closed the breaker last, or ""
  {"trial", turn}     the call may be made, and no other beside it; so it is where its first reply
                      was lost
  {"open", left_ms}   the call may not be made; so long at most does the pause or a trial take

Cost O(1)
]]
local breaker = KEYS[1]
local token, trial_ms, window_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()

local known = redis.call("HMGET", breaker, "turn", "until_ms", "trial")
local turn, until_ms, trial = known[1] or "", known[2] and known[2] + 0, known[3]
local is_endless = redis.call("PTTL", breaker) < 0

if not until_ms then
  -- A Redis that takes no writes could not be told how the call ends, so it has to fail here.
  redis.call("HSET", breaker, "asked_ms", now)
  if is_endless then
    redis.call("PEXPIRE", breaker, window_ms)
  end
  return { "closed", turn }
elseif now < until_ms and trial ~= token then
  return { "open", until_ms - now }
end
redis.call("HSET", breaker, "trial", token, "until_ms", now + trial_ms)
redis.call("PEXPIREAT", breaker, now + trial_ms + window_ms)
return { "trial", turn }
