%% Texts and a map: lines of n invented words in all, split again and counted.
-module('word-count').
-export([main/0]).

-define(MODULUS, 1048576).
-define(WORDS_A_LINE, 10).

main() ->
    N = case init:get_plain_arguments() of
            [Text | _] -> list_to_integer(Text);
            [] -> 20000
        end,
    {Counts, Total} = lines(N, 42, #{}, 0),
    Ranked = lists:sort([{-Count, Word} || {Word, Count} <- maps:to_list(Counts)]),
    io:format("~b distinct words of ~b~n", [map_size(Counts), Total]),
    [io:format("~b ~s~n", [-Count, Word]) || {Count, Word} <- lists:sublist(Ranked, 10)],
    halt(0).

lines(Left, _, Counts, Total) when Left =< 0 -> {Counts, Total};
lines(Left, Seed, Counts, Total) ->
    {Line, Seed1} = make_line(min(?WORDS_A_LINE, Left), Seed, []),
    Words = binary:split(Line, <<" ">>, [global]),
    Counts1 = lists:foldl(fun count/2, Counts, Words),
    lines(Left - ?WORDS_A_LINE, Seed1, Counts1, Total + length(Words)).

count(Word, Counts) -> maps:update_with(Word, fun(Count) -> Count + 1 end, 1, Counts).

make_line(0, Seed, Words) -> {iolist_to_binary(lists:join($\s, lists:reverse(Words))), Seed};
make_line(Left, Seed, Words) ->
    Seed1 = next(Seed),
    {Word, Seed2} = make_word(1 + pick(Seed1, 3), Seed1, <<>>),
    make_line(Left - 1, Seed2, [Word | Words]).

make_word(0, Seed, Word) -> {Word, Seed};
make_word(Parts, Seed, Word) ->
    Seed1 = next(Seed),
    Part = element(1 + pick(Seed1, tuple_size(syllables())), syllables()),
    make_word(Parts - 1, Seed1, <<Word/binary, Part/binary>>).

next(Seed) -> (Seed * 1597 + 51749) rem ?MODULUS.

pick(Seed, Among) -> Seed * Among div ?MODULUS.

syllables() ->
    {<<"ba">>, <<"ce">>, <<"di">>, <<"fo">>, <<"gu">>, <<"ha">>, <<"je">>, <<"ki">>,
     <<"lo">>, <<"mu">>, <<"na">>, <<"pe">>, <<"qui">>, <<"ro">>, <<"su">>, <<"ta">>,
     <<"ve">>, <<"wi">>, <<"xo">>, <<"yu">>, <<"za">>, <<"che">>, <<"sti">>, <<"tro">>}.
