# The smallest program: what it costs to start and stop.
print("hello, world")
