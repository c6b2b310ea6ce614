-module(ping).
-export([main/0]).

ping(Pong) ->
    receive
        {back, 0} -> stop("a pong");
        {back, Left} -> Pong ! {hit, self(), Left - 1}, ping(Pong)
    end.

pong() ->
    receive
        {hit, _, 0} -> stop("a ping");
        {hit, From, Left} -> From ! {back, Left - 1}, pong()
    end.

stop(What) ->
    io:format("the last was ~s~n", [What]),
    erlang:halt(0).

main() ->
    [Messages | _] = [list_to_integer(A) || A <- init:get_plain_arguments()],
    Pong = spawn(fun pong/0),
    spawn(fun() -> ping(Pong) end) ! {back, Messages}.
