// The smallest program: what it costs to start and stop.
console.log("hello, world");
