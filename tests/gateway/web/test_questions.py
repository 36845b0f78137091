"""The example questions as files."""

import json

from graphql import OperationDefinitionNode, parse

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


def test_a_question_is_its_title_then_its_document(tmp_path):
    path = tmp_path / "01-who.graphql"
    path.write_text("# Who\n# Says who asks.\n# And why.\n\nquery Who { me }\n")
    (tmp_path / "01-who.json").write_text("{}")

    question = read(path)

    assert (question.title, question.variables) == ("Who", "{}")
    assert question.document == "# Says who asks.\n# And why.\n\nquery Who { me }\n"
    assert about(question) == "Says who asks."
