"""Queries in Chinese, what goes into the index, and CKAN's Solr schema with our types."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from govdata import content
from govdata.ckan_plugin.search import chinese_query, index_fields
from govdata.ckan_plugin.solr import TYPES, chinese_schema
from govdata.errors import ContentError

SCHEMA = """<schema name="ckan-2.12" version="1.6"><types>
<fieldType name="string" class="solr.StrField"/>
<fieldType name="text" class="solr.TextField" positionIncrementGap="100"><analyzer/></fieldType>
<fieldType name="text_general" class="solr.TextField" positionIncrementGap="100"><analyzer/></fieldType>
<fieldType name="text_ngram" class="solr.TextField" positionIncrementGap="100"><analyzer/></fieldType>
</types></schema>"""


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("停车场", '"停车场"'),
        ("水", '"水"'),
        ("企业 登记", '"企业" AND "登记"'),
        ("企业　登记", '"企业" AND "登记"'),
        ("道路交通", '("道路交通"^4 OR ("道路" AND "交通"))'),
        ("上海停车场", '("上海停车场"^4 OR ("上海" AND "停车场") OR ("上海停" AND "车场"))'),
        ("PM2.5监测", 'PM2.5 AND "监测"'),
        ("5G基站", '5G AND "基站"'),
        ("公园的面积", '("公园的面积"^4 OR ("公园" AND "的面积") OR ("公园的" AND "面积") OR ("公园" AND "面积"))'),
        ("云间区公共停车场名录信息表格一览", '"云间区公共停车场名录信息表格一览"'),
    ],
)
def test_queries(asked: str, query: str) -> None:
    assert chinese_query(asked) == query


@pytest.mark.parametrize(
    "asked",
    ["", "*:*", "parking lot", "title:停车", '"停车场"', "停车*", "停车 OR 公交", "+停车 -公交", "停车 AND 公交", "(停车", "停车\\"],
)
def test_queries_left_alone(asked: str) -> None:
    assert chinese_query(asked) is None


@pytest.mark.parametrize("asked", ["停" * 5000, "停车、" * 2000, "的" * 12, "的停的车的场的", "以及", "停-", "，", "𠀀𠀁", "a停b车"])
def test_queries_stay_small_and_balanced(asked: str) -> None:
    query = chinese_query(asked) or ""
    assert len(query) < 12 * len(asked) + 4000
    assert query.count('"') % 2 == 0
    assert query.count("(") == query.count(")")


def test_the_index_has_words_not_json() -> None:
    document = {
        "id": "1",
        "theme": '["construction-environment"]', "extras_theme": '["construction-environment"]',
        "extras_data_items": "[{…}]", "data_items": "[{…}]", "res_extras_data_items": ["[{…}]"], "res_extras_govdata_key": ["a.csv"],
        "extras_govdata_digest": "ab", "govdata_digest": "ab", "terms": "长" * 20_000, "extras_terms": "长" * 20_000,
    }  # fmt: skip
    items = [{"name": "泊位数", "type": "I"}]
    entry = {"theme": ["construction-environment"], "fields": items, "terms": "长" * 20_000, "resources": [{"fields": items}]}
    found = index_fields(document, entry)
    assert found["vocab_theme"] == ["construction-environment"]
    assert found["extras_data_items"] == "泊位数 I"
    assert found["res_extras_data_items"] == ["泊位数"]
    assert found["govdata_digest"] == "ab", "the publisher filters by it"
    assert not {"extras_govdata_digest", "res_extras_govdata_key", "data_items", "theme"} & found.keys()
    # Solr refuses a term of more than 32,766 bytes; the words are found all the same.
    assert "terms" not in found
    assert found["extras_terms"]
    assert document["theme"], "what was handed in is not changed"


def test_only_the_types_of_text_change() -> None:
    found = chinese_schema(SCHEMA)
    types = {one.get("name"): one for one in ElementTree.fromstring(found).iter("fieldType")}
    assert set(types) == {"string", "text", "text_general", "text_ngram"}
    for name in ("text", "text_general"):
        assert types[name].get("autoGeneratePhraseQueries") == "true"
        assert [one.get("type") for one in types[name].iter("analyzer")] == ["index", "query"]
    assert ElementTree.tostring(types["text_ngram"]).count(b"filter") == 0
    assert chinese_schema(found) == found


def test_the_types_need_no_more_than_a_plain_solr_has() -> None:
    used = set(re.findall(r"solr\.(\w+)Factory", content.read_text(TYPES)))
    assert used <= {
        "StandardTokenizer", "CJKWidthFilter", "CJKBigramFilter", "WordDelimiterGraphFilter", "FlattenGraphFilter", "LowerCaseFilter",
        "SnowballPorterFilter", "ASCIIFoldingFilter",
    }  # fmt: skip


@pytest.mark.parametrize("schema", ["", "<schema/>", SCHEMA.replace('name="text"', 'name="other"'), SCHEMA.replace("ckan-2.12", "x")])
def test_a_schema_that_is_not_ckan_s_is_refused(schema: str) -> None:
    with pytest.raises(ContentError):
        chinese_schema(schema)
