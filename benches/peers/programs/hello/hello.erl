%% The smallest program: what it costs to start and stop.
-module(hello).
-export([main/0]).

main() ->
    io:format("hello, world~n"),
    halt(0).
