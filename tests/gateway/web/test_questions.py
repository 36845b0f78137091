"""The example questions as files."""

import json
from itertools import groupby

from graphql import OperationDefinitionNode, parse

from gateway.demo import DEMO_KEYS
from gateway.web.questions import about, questions, read


def test_every_question_has_a_title_a_sentence_and_one_named_operation():
    names = []
    for question in questions():
        definitions = parse(question.document).definitions
        (operation,) = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        assert operation.name is not None
        names.append(operation.name.value)
        assert question.title and about(question).endswith(".")
        asked = {variable.variable.name.value for variable in operation.variable_definitions or ()}
        assert asked == set(json.loads(question.variables or "{}"))

    assert len(names) == len(set(names)) >= 8


def test_the_first_question_needs_no_variables():
    assert questions()[0].variables == ""  # GraphiQL shows none in the first tab of a first visit


def test_questions_come_theme_by_theme():
    themes = [question.theme for question in questions()]

    assert [theme for theme, _ in groupby(themes)] == [
        *("Start here", "Messages over time", "Campaigns", "Audience"),
        *("Conversations", "Money", "Live", "About the data"),
    ]


def test_a_question_asks_as_a_vendor_that_the_demo_has():
    named = {question.demo for question in questions()} - {""}

    assert named and named <= {key.vendor for key in DEMO_KEYS}


def test_a_question_is_its_title_then_its_document(tmp_path):
    path = tmp_path / "3-about-us" / "1-who.graphql"
    path.parent.mkdir()
    path.write_text("# Who\n# demo: slicktext\n# Says who asks.\n# And why.\n\nquery Who { me }\n")
    path.with_suffix(".json").write_text("{}")

    question = read(path)

    assert (question.title, question.variables) == ("Who", "{}")
    assert (question.theme, question.demo) == ("About us", "slicktext")
    assert question.document == "# Says who asks.\n# And why.\n\nquery Who { me }\n"
    assert about(question) == "Says who asks."
