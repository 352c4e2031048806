"""What is a colour in CSS."""

from __future__ import annotations

import re

from govdata.expressions import expression

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_PARTS = {
    "n": _NUMBER,
    "p": f"{_NUMBER}%",
    "a": f"{_NUMBER}(?:deg|g?rad|turn)?",
    "V": f"(?:{_NUMBER}%?|none)",
    "A": f"(?:{_NUMBER}(?:deg|g?rad|turn)?|none)",
}
"""Number, percentage, angle; a number or a percentage, an angle, or none."""
_FORMS = (("rgba?", "nnn"), ("rgba?", "ppp"), ("hsla?", "app"), ("rgba?|lab|oklab", "VVV"), ("hsla?|hwb", "AVV"), ("lch|oklch", "VVA"))
"""Functions of CSS Color 4 and what they are given: small letters with commas between them, as of old."""


def _form(names: str, parts: str) -> str:
    between, last = (" *, *", ",") if parts.islower() else (" +", "/")
    return rf"(?:{names})\( *{between.join(_PARTS[part] for part in parts)}(?: *{last} *{_PARTS['V']})? *\)"


_HEX = "#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})"
_WRITTEN = expression("|".join((_HEX, *(_form(*form) for form in _FORMS))), re.IGNORECASE)
_NAMES = """
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood cadetblue chartreuse
    chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta
    darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet
    deeppink deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray
    green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral
    lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray
    lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple
    mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite
    navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru pink
    plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue
    slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato transparent turquoise violet wheat white whitesmoke
    yellow yellowgreen
"""
"""The names of CSS Color 4, section 6.1, and `transparent`."""


def is_colour(text: str) -> bool:
    """Whether a browser takes a text for a colour that is the same whatever stands around it (CSS Color 4, without exponents)."""
    return text.lower() in _NAMES.split() or _WRITTEN.fullmatch(text) is not None
