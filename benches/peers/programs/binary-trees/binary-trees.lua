-- Making and dropping small things: full binary trees, many short-lived ones
-- beside one that stays.
local function grow(depth)
  if depth == 0 then return {} end
  return { grow(depth - 1), grow(depth - 1) }
end

local function count(node)
  if not node[1] then return 1 end
  return 1 + count(node[1]) + count(node[2])
end

local most = tonumber(arg[1] or 10)
local least = 4
print(string.format("depth %d: %d nodes", most + 1, count(grow(most + 1))))
local lasting = grow(most)
for depth = least, most, 2 do
  local trees = 2 ^ (most - depth + least)
  local nodes = 0
  for _ = 1, trees do nodes = nodes + count(grow(depth)) end
  print(string.format("depth %d: %d nodes in %d trees", depth, nodes, trees))
end
print(string.format("depth %d: %d nodes still there", most, count(lasting)))
