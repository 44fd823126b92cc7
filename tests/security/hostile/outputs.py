"""Articles aimed at whoever reads the results: terminals, browsers, spreadsheets, file systems."""

from __future__ import annotations

from tests.security.hostile.case import Hostile

OUTPUTS = (
    Hostile(
        "html-and-script",
        "“<script>alert('x')</script>,” said <b onclick=steal()>Ida Krell</b>. <img src=x onerror=alert(1)> "
        "“</td></table><!-- ,” said Dean Holt &amp; sons &lt;em&gt;.",
    ),
    Hostile(
        "javascript-address",
        "“Click javascript:alert(document.cookie) or [here](javascript:x),” said Noor Castell. "
        '"data:text/html,<script>x</script>" said \'Bram\' " onmouseover="x" Ostheim.',
    ),
    Hostile(
        "ansi-colours", "\x1b[31m“Red alert,”\x1b[0m said \x1b[1;5mTove Lindqvist\x1b[m. \x9b2J“Gone,” she said.\x1b[2K"
    ),
    Hostile(
        "terminal-links-and-titles",
        "\x1b]8;;http://evil.invalid/\x07“Follow me,”\x1b]8;;\x07 said Dean Holt. "
        "\x1b]0;owned\x07“Title,” he said. \x1bP+q\x1b\\",
    ),
    Hostile(
        "terminal-hides-a-line",
        "“Visible,” said Ida Krell.\x08\x08\x08\x08\x1b[1A\x1b[K\r“Hidden,” said Dean Holt.\x1b[8m\x0e",
    ),
    Hostile(
        "rich-markup",
        "“[red]Alarm[/red] [link=http://evil.invalid]x[/link],” said [bold]Ida Krell[/]. “[/] :bomb:,” she said.",
    ),
    Hostile(
        "spreadsheet-formulas",
        '“=HYPERLINK("http://evil.invalid","x")”, said =Holt. “+1+1,” said Ida Krell. “-2,” she said. “@SUM(A1),” said '
        "@krell. “=cmd|' /C calc'!A0”, said Dean Holt. “\t=1”, he said.",
    ),
    Hostile("=cmd|' /C calc'!A1", "“My id is a formula,” said Ida Krell."),
    Hostile("../../../outside", "“My id is a path,” said Dean Holt. “Up and out,” he said."),
    Hostile("/etc/absolute", "“My id is absolute,” said Mara Ruiz."),
    Hostile("C:\\windows\\id\\..\\..", "“My id has a drive,” said Bram Ostheim."),
    Hostile("two\nlines\r\nand\ttabs", "“My id has lines,” said Noor Castell."),
    Hostile("\x1b[31mred\x1b[0m\x07", "“My id is red,” said Tove Lindqvist."),
    Hostile("<img src=x onerror=alert(1)>", "“My id is markup,” said Vera Listova."),
    Hostile("nul\x00byte", "“My id has a hole,” said Odile Marquant."),
    Hostile("gpj.\u202egnp.exe", "“My id runs backwards,” said Jörn Ahlbeck."),
    Hostile("CON", "“My id is a device,” said Lucía Berral."),
    Hostile("-rf", "“My id is an option,” said Ida Krell."),
    Hostile("long-" + "x" * 400, "“My id is long,” said Dean Holt."),
    Hostile("[bold]id[/bold]", "“My id is rich,” said Noor Castell."),
)
