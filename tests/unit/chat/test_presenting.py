from parley.chat import measures


def test_words_are_counted_as_readers_of_each_script_do() -> None:
    assert measures.word_count("three little words") == 3
    assert measures.word_count("四个汉字") == 4
