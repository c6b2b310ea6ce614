-module(spawn).
-export([main/0]).

resident(Number, Seen) ->
    receive
        {add, N, From} ->
            From ! Number + Seen + N,
            resident(Number, Seen + N)
    end.

make(Number, Number, Last) -> Last;
make(Number, Count, _) ->
    Next = Number + 1,
    make(Next, Count, erlang:spawn(fun() -> resident(Next, 0) end)).

main() ->
    [Count | _] = [list_to_integer(A) || A <- init:get_plain_arguments()],
    Last = make(0, Count, none),
    Last ! {add, 0, self()},
    receive Answer -> io:format("the last is ~w~n", [Answer]) end,
    erlang:halt(0).
