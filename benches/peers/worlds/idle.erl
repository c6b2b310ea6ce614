-module(idle).
-export([main/0]).

resident(Number) ->
    receive {number, From} -> From ! Number, resident(Number) end.

active() ->
    receive
        {go, 0} -> io:format("done~n"), erlang:halt(0);
        {go, Left} -> self() ! {go, Left - 1}, active()
    end.

main() ->
    [Ticks, Idle | _] = [list_to_integer(A) || A <- init:get_plain_arguments()],
    [spawn(fun() -> resident(N) end) || N <- lists:seq(1, Idle)],
    spawn(fun active/0) ! {go, Ticks}.
