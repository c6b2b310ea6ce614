local count = tonumber(arg[1])
local residents = {}

local function resident(number)
  local seen = 0
  local n = coroutine.yield()
  while true do
    seen = seen + n
    n = coroutine.yield(number + seen)
  end
end

for i = 1, count do
  local r = coroutine.create(resident)
  coroutine.resume(r, i)
  residents[i] = r
end
local _, answer = coroutine.resume(residents[count], 0)
print(string.format("the last is %d", answer))
