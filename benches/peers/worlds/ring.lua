local hops = tonumber(arg[1])
local places = {}

local function place(number)
  return coroutine.wrap(function(left)
    local next = (number + 1) % 1000
    while left > 0 do
      left = coroutine.yield(next, left - 1)
    end
    return nil, number
  end)
end

for i = 0, 999 do places[i] = place(i) end
local at, left = 0, hops
repeat
  local next, value = places[at](left)
  at, left = next, value
until not at
print("the token is at " .. left)
