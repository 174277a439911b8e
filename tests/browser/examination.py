"""What is wrong with a page: found by axe-core, by its width, and said on its console."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.conftest import Visitor

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text()
EXAMINE = """async source => {
    (0, eval)(source);
    const report = await axe.run(document, {resultTypes: ["violations"]});
    const places = rule => rule.nodes.slice(0, 3).map(node => node.html.slice(0, 160));
    return JSON.stringify(report.violations.map(rule => [rule.id, places(rule)]));
}"""


@dataclass
class Report:
    """What was found on the pages of one screen."""

    found: list[str] = field(default_factory=list)

    def examine(self, visitor: Visitor, endpoint: str) -> None:
        violations = json.loads(visitor.page.evaluate(EXAMINE, AXE))
        self.found += [f"{endpoint}: {rule}: {nodes}" for rule, nodes in violations]
        if visitor.overflow():
            self.found.append(f"{endpoint}: wider than the screen by {visitor.overflow()} px")
        self.found += [f"{endpoint}: console: {said}" for said in visitor.complaints]
        visitor.complaints.clear()
