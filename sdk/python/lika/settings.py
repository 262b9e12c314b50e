"""Settings: what a county may vary without a programmer."""

import json


class Setting:
    """A setting with its default: a whole number (with bounds) or true/false."""

    def __init__(self, key, *, default, zh, en, min=None, max=None):
        self.key, self.default, self.zh, self.en, self.min, self.max = key, default, zh, en, min, max

    @property
    def is_flag(self):
        return isinstance(self.default, bool)

    def takes(self, value):
        if self.is_flag:
            return isinstance(value, bool)
        whole = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
        return whole and (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def schema(self):
        schema = {
            "type": "boolean" if self.is_flag else "integer",
            "title": self.zh,
            "description": self.en,
            "default": self.default,
        }
        if self.min is not None:
            schema["minimum"] = self.min
        if self.max is not None:
            schema["maximum"] = self.max
        return schema


def schema(settings):
    """The JSON Schema of these settings."""
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "properties": {setting.key: setting.schema() for setting in settings},
        },
        ensure_ascii=False,
    )


def parse(settings, text):
    """The values by key, and the faults as (path, zh, en); no fault means that the values hold."""
    try:
        given = json.loads(text)
    except ValueError as error:
        return {}, [("", f"不是 JSON：{error}", f"not JSON: {error}")]
    if not isinstance(given, dict):
        return {}, [("", "设置必须是一个 JSON 对象", "settings must be a JSON object")]
    known = {setting.key for setting in settings}
    faults = [(key, "没有这项设置", "there is no such setting") for key in given if key not in known]
    values = {}
    for setting in settings:
        value = given.get(setting.key, setting.default)
        if setting.takes(value):
            values[setting.key] = value
        else:
            kind = ("true 或 false", "true or false") if setting.is_flag else ("范围内的整数", "an integer within its bounds")
            faults.append((setting.key, f"应为{kind[0]}", f"must be {kind[1]}"))
    return values, faults
