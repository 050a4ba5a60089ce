"""Random requests for the fuzz tests: objects by the schema's own rows, and what no client would send."""

import json
from typing import Any
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

from akb_sync.simulators.apic.schema import ANYWHERE, ClassSchema, standard_schema
from akb_sync.simulators.apic.values import Property

SCHEMA = standard_schema()
SOME = "@"
"""In the URL of a write: this and a number stand for one of the objects that there are."""

NAMES = st.sampled_from(("a", "b"))
WORDS = ("a", "b", "1", "10.0.0.0/8", "10.0.0.1", "2001:DB8::/32", "vlan-10", "uni/tn-a/ctx-a", "uni/phys-a")
ODD = st.text(alphabet="ab/-[]{}().,:;=&|?%\"'\\ <>!\x00\u00e9\u2028\ud800", max_size=12)
TAGS = frozenset({"tagAnnotation"})
"""Of what may stand anywhere one class is enough: it would be nearly all that is drawn."""

WRITABLE = tuple(
    item
    for item in SCHEMA.classes.values()
    if item.writable and (ANYWHERE not in item.parents or item.name in TAGS)
)
FAVOURITES = frozenset(
    {
        *("fvCtx", "fvRsProv", "l3extInstP", "l3extLIfP", "l3extLNodeP", "l3extOut", "l3extRsEctx"),
        *("l3extRsNodeL3OutAtt", "l3extSubnet", "l3extVirtualLIfP", "vzBrCP"),
    }
)
"""Where objects have to do with each other."""

BELOW = {
    item.name: tuple(
        child
        for child in WRITABLE
        if child.contains(item)
        for _ in range(6 if child.name in FAVOURITES else 1)
    )
    for item in SCHEMA.classes.values()
}
ROOTS = (SCHEMA["fvTenant"],) * 20 + tuple(item for item in BELOW["polUni"] if item.name != "aaaUserEp")
Document = dict[str, Any]


def mostly(
    right: st.SearchStrategy[str], *wrong: st.SearchStrategy[str], times: int = 60
) -> st.SearchStrategy[str]:
    """Right, but for once in so many times."""
    return st.integers(0, times).flatmap(lambda number: right if number else st.one_of(*wrong))


STATUS = mostly(
    st.just(""),
    st.sampled_from(("created", "modified", "deleted", "created,modified", "created, modified")),
    times=25,
)


def values(prop: Property) -> st.SearchStrategy[str]:
    """What a property takes, mostly."""
    match prop.kind:
        case "enum":
            right = st.sampled_from(sorted(prop.options))
        case "flags":
            right = st.lists(st.sampled_from(sorted(prop.options)), max_size=3, unique=True).map(",".join)
        case "int":
            right = st.sampled_from((str(prop.low or 0), str(prop.high or 1), *sorted(prop.words)))
        case "bool":
            right = st.sampled_from(("yes", "no", "true"))
        case "prefix":
            right = st.sampled_from(("10.0.0.0/8", "10.0.0.1/8", "2001:DB8::/32", "0.0.0.0/0"))
        case "network" | "address":
            right = st.sampled_from(("10.0.0.1", "10.0.0.2", "2001:DB8::1"))
        case _:
            fitting = [word for word in WORDS if prop.pattern is None or prop.pattern.fullmatch(word)]
            right = st.sampled_from(fitting or WORDS)
    return mostly(right, st.sampled_from(WORDS), ODD)


def names_of(prop: Property) -> st.SearchStrategy[str]:
    """Few names, so that requests meet the same objects again."""
    if prop.kind != "text" or (prop.pattern is not None and not prop.pattern.fullmatch("a")):
        return values(prop)
    return mostly(NAMES, values(prop))


@st.composite
def objects(draw: st.DrawFn, item: ClassSchema, depth: int = 5) -> Document:
    """An object of a class with what may stand below it."""
    attributes = {prop: draw(names_of(item.properties[prop])) for prop in item.rn.naming}
    others = sorted(item.template.keys() - attributes.keys() - {"dn", "childAction", "status"})
    for prop in draw(st.lists(st.sampled_from(others), max_size=2)):
        known = item.properties[prop]
        if not known.readonly or draw(st.integers(0, 199)) == 199:
            attributes[prop] = draw(values(known))
    if status := draw(STATUS):
        attributes["status"] = status
    children = []
    if depth and BELOW[item.name]:
        kinds = draw(st.lists(st.sampled_from(BELOW[item.name]), max_size=3))
        children = [draw(objects(kind, depth - 1)) for kind in kinds]
    return {item.name: {"attributes": attributes, "children": children}}


def as_xml(document: Document) -> str:
    """A document in the other form, written by other means than the simulator's."""
    ((name, body),) = document.items()
    attributes = "".join(f" {prop}={quoteattr(value)}" for prop, value in body["attributes"].items())
    return f"<{name}{attributes}>{''.join(map(as_xml, body['children']))}</{name}>"


@st.composite
def posts(draw: st.DrawFn) -> tuple[str, str, bytes]:
    """(method, path, body) of a write to a place in the policy tree."""
    if draw(st.integers(0, 9)) == 9:
        return "DELETE", f"/api/mo/{SOME}{draw(st.integers(0, 1_000))}.json", b""
    document = draw(objects(draw(st.sampled_from(ROOTS))))
    if draw(st.booleans()):
        return "POST", "/api/mo/uni.json", json.dumps(document).encode()
    return "POST", "/api/node/mo/uni.xml", as_xml(document).encode("utf-8", "surrogatepass")


# ---- queries

USUAL = ("fvTenant", "l3extOut", "l3extInstP", "l3extSubnet", "fvCtx", "faultInst", "aaaModLR", "fvBD")
CLASS_NAMES = mostly(st.sampled_from((*sorted(SCHEMA.classes), *USUAL * 10)), st.just("fvNone"))
OPERATORS = mostly(
    st.sampled_from(("eq", "ne", "lt", "gt", "le", "ge", "wcard", "anybit", "allbits")), st.just("like")
)


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """One comparison of a filter."""
    item = SCHEMA.classes.get(draw(CLASS_NAMES), SCHEMA["fvTenant"])
    prop = draw(mostly(st.sampled_from(sorted(item.template)), st.just("none")))
    known = item.properties.get(prop, item.properties["dn"])
    operands = [draw(values(known)) for _ in range(draw(st.integers(1, 2)))]
    quoted = ",".join('"' + operand.replace("\\", "\\\\").replace('"', '\\"') + '"' for operand in operands)
    return f"{draw(OPERATORS) if len(operands) == 1 else 'bw'}({item.name}.{prop},{quoted})"


FILTERS = st.recursive(
    mostly(conditions(), st.sampled_from(("true()", "false()", "pholder()", "passive()")), ODD, times=10),
    lambda inner: st.builds(
        lambda name, operands: f"{name}({','.join(operands)})",
        st.sampled_from(("and", "or", "not", "xor")),
        st.lists(inner, min_size=1, max_size=2),
    ),
    max_leaves=6,
)
LISTS = st.lists(CLASS_NAMES, max_size=3).map(",".join)
INCLUDES = st.lists(
    mostly(
        st.sampled_from(
            (
                *("faults", "fault-count", "health", "audit-logs", "event-logs", "relations", "tasks"),
                *("count", "no-scoped", "required", "subtree", "relations-with-parent", "stats"),
            )
        ),
        st.just("nonsense"),
    ),
    max_size=3,
).map(",".join)
NUMBERS = mostly(st.sampled_from(("0", "1", "2", "1000")), st.sampled_from(("-1", "x", "", "9" * 30)))


def words(*right: str) -> st.SearchStrategy[str]:
    """One of the words that a parameter takes."""
    return mostly(st.sampled_from(right), ODD)


PARAMETERS: dict[str, st.SearchStrategy[str]] = {
    "query-target": words("self", "children", "subtree"),
    "target-subtree-class": LISTS,
    "query-target-filter": FILTERS,
    "rsp-subtree": words("no", "children", "full"),
    "rsp-subtree-class": LISTS,
    "rsp-subtree-filter": FILTERS,
    "rsp-subtree-include": INCLUDES,
    "rsp-prop-include": words("all", "naming-only", "config-only", "config-explicit", "oper"),
    "order-by": st.lists(
        mostly(
            st.sampled_from(("fvTenant.name|desc", "fvTenant.dn", "aaaModLR.id|asc")),
            st.sampled_from(("fvX.y", "fvTenant.name|up")),
        ),
        max_size=3,
    ).map(",".join),
    "page": NUMBERS,
    "page-size": NUMBERS,
    "subscription": words("yes", "no"),
    "refresh-timeout": NUMBERS,
    "id": st.one_of(NUMBERS, ODD),
    "time-range": ODD,
}
PLACES = ("uni", "uni/tn-a", "uni/tn-a/out-a", "uni/tn-a/health", "uni/tn-a/fltCnts", "topology", "subj-[a]")
DOORS = ("aaaRefresh", "aaaLogin", "aaaLogout", "webtokenSession", "subscriptionRefresh", "mo", "class")
PATHS = mostly(
    st.one_of(
        st.sampled_from(PLACES).map("mo/{}".format),
        CLASS_NAMES.map("class/{}".format),
        st.builds("node/class/{}/{}".format, st.sampled_from(("uni/tn-a", "topology/pod-1")), CLASS_NAMES),
    ),
    st.sampled_from(DOORS),
    ODD.map("mo/{}".format),
    ODD,
    times=4,
)
SUFFIXES = mostly(st.sampled_from(("json", "xml")), st.just("yaml"))


@st.composite
def urls(draw: st.DrawFn) -> str:
    """A path with a query string, both raw."""
    chosen = draw(st.lists(st.sampled_from(sorted(PARAMETERS)), max_size=5))
    query = "&".join(f"{name}={draw(PARAMETERS[name])}" for name in chosen)
    return f"/api/{draw(PATHS)}.{draw(SUFFIXES)}?{query}"


# ---- bodies and cookies

JSON_BODIES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), ODD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("fvTenant", "attributes", "children", "imdata", "name", "dn", "status")), inner
        ),
    ),
    max_leaves=12,
).map(json.dumps)
MARKUP = (
    *(
        "<fvTenant>",
        "</fvTenant>",
        '<fvCtx name="a"/>',
        "<imdata>",
        "</imdata>",
        "<!--",
        "-->",
        "&amp;",
        "/>",
    ),
    *("&x;", "<!DOCTYPE x>", "<?pi?>", "<![CDATA[x]]>", "text", '<fvTenant name="a"', "\x00"),
)
XML_BODIES = st.lists(st.sampled_from(MARKUP), max_size=8).map("".join)
BODIES = st.one_of(
    JSON_BODIES.map(str.encode),
    XML_BODIES.map(str.encode),
    st.binary(max_size=30),
    posts().map(lambda post: post[2]),
)
COOKIES = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("apic-cookie", "apic-cookie", "apic-request-signature", "apic-certificate-dn"),
                *("apic-certificate-algorithm", "apic-certificate-fingerprint", "apic-websocket-session"),
            )
        ),
        st.one_of(st.sampled_from(("v1.0", "uni/userext/user-admin/usercert-a", "aGk=")), ODD),
    ),
    max_size=5,
)
