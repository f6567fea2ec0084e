--[[
Tell how a call to a gateway ended, which may open or close its breaker.

A call tells nothing of the gateway as it is now, and changes nothing, where the breaker has turned
since it began, or where it was a trial and another one has followed it.

KEYS[1]     breaker

ARGV[1]     token of the call
ARGV[2]     turn that enter answered
ARGV[3]     "success", "failure" or "neither"
ARGV[4]     failures in a row that open the breaker
ARGV[5]     first pause in milliseconds; each trial that fails doubles it
ARGV[6]     longest pause in milliseconds
ARGV[7]     milliseconds after which what is known is forgotten

Returns
  {"opened", pause_ms}   no call is let through for that long; so it is where the first reply was
                         lost
  {"closed"}             the trial went well; so it is where the first reply was lost
  {"unchanged"}          it neither opened nor closed

Cost O(1)
]]
local breaker = KEYS[1]
local token, found, outcome, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local first_ms, longest_ms, window_ms = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local now = now_ms()

local fields = { "turn", "until_ms", "pause_ms", "trial", "failures", "failed" }
local known = redis.call("HMGET", breaker, unpack(fields))
local turn, is_open, pause_ms = known[1] or "", known[2], (known[3] or first_ms) + 0
local is_trial = known[4] == token
local failures = (known[5] or 0) + (known[6] == token and 0 or 1)

if turn == token then
  return is_open and { "opened", pause_ms } or { "closed" }
elseif not is_trial and (is_open or turn ~= found) then
  return { "unchanged" }
elseif outcome == "neither" then
  if is_trial then
    redis.call("HSET", breaker, "until_ms", now)
  end
  return { "unchanged" }
elseif outcome == "success" then
  redis.call("HDEL", breaker, "until_ms", "pause_ms", "trial", "failures", "failed")
  if not is_trial then
    return { "unchanged" }
  end
  redis.call("HSET", breaker, "turn", token)
  redis.call("PEXPIRE", breaker, window_ms)
  return { "closed" }
elseif not is_trial and failures < most then
  redis.call("HSET", breaker, "failures", failures, "failed", token)
  redis.call("PEXPIRE", breaker, window_ms)
  return { "unchanged" }
end
pause_ms = is_trial and math.min(2 * pause_ms, longest_ms) or first_ms
redis.call("HDEL", breaker, "trial", "failures", "failed")
redis.call("HSET", breaker, "turn", token, "until_ms", now + pause_ms, "pause_ms", pause_ms)
redis.call("PEXPIREAT", breaker, now + pause_ms + window_ms)
return { "opened", pause_ms }
