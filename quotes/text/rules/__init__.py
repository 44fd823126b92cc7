"""Attribution without a model: explicit patterns over cues, subjects and clauses, each with a measured precision."""

from quotes.text.rules.attribute import RuleFindings, attribute_by_rules

__all__ = ["RuleFindings", "attribute_by_rules"]
