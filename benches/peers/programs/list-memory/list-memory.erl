%% Memory of a long list of integers: grown one by one, then summed.
-module('list-memory').
-export([main/0]).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 100000
        end,
    Items = grow(N - 1, []),
    Sum = sum(Items, 0),
    io:format("~b items, sum ~b~n", [length(Items), Sum]),
    halt(0).

grow(I, Items) when I < 0 -> Items;
grow(I, Items) -> grow(I - 1, [I | Items]).

sum([], Sum) -> Sum;
sum([Item | Rest], Sum) -> sum(Rest, Sum + Item).
