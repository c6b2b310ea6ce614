-module(ring).
-export([main/0]).

place(Number, Next) ->
    receive
        {token, 0} ->
            io:format("the token is at ~w~n", [Number]),
            erlang:halt(0);
        {token, Left} ->
            Next ! {token, Left - 1},
            place(Number, Next)
    end.

open() ->
    receive {close, Next} -> place(0, Next) end.

main() ->
    [Hops | _] = [list_to_integer(A) || A <- init:get_plain_arguments()],
    First = spawn(fun open/0),
    Add = fun(I, Next) -> spawn(fun() -> place(1000 - I, Next) end) end,
    Last = lists:foldl(Add, First, lists:seq(1, 999)),
    First ! {close, Last},
    First ! {token, Hops}.
