"""The HTML report as people meet it: in a real browser, opened from disk."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import axe_core_python
import hostile
import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from jwtlint.analysis import scan
from jwtlint.config import Options
from jwtlint.documentation import site
from jwtlint.report.document import Rendering
from jwtlint.report.formats import html
from jwtlint.report.story import svg
from jwtlint.report.story.lives import lives
from jwtlint.rules import catalogue, models
from jwtlint.sources.text import Texts

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def rendering(name: str) -> Rendering:
    folder = FIXTURES / name
    found = scan(folder, Options(cache=False))
    return Rendering(found.report, Texts(folder), found.rules)


@pytest.fixture(scope="module")
def bad() -> Rendering:
    return rendering("fastapi-pyjwt-wrapper")


@pytest.fixture(scope="module")
def report(bad: Rendering, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report with nine findings."""
    return written(bad, tmp_path_factory.mktemp("report") / "a report.html")


def written(told: Rendering, path: Path) -> str:
    path.write_text(html.render(told), encoding="utf-8")
    return path.as_uri()


def shown(page: WebDriver) -> list[WebElement]:
    return [one for one in page.find_elements(By.CLASS_NAME, "finding") if one.is_displayed()]


def complaints(page: WebDriver) -> list[str]:
    return [entry["message"] for entry in page.get_log("browser")]  # type: ignore[no-untyped-call]


def requests(page: WebDriver) -> set[str]:
    """The addresses that the browser asked for, but for files, data in the page, and the browser's own icons."""
    found = set()
    for entry in page.get_log("performance"):  # type: ignore[no-untyped-call]
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.add(message["params"]["request"]["url"])
    return {url for url in found if not url.startswith(("file:", "data:", "chrome:"))}


def media(page: WebDriver, kind: str = "", scheme: str = "light") -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": [{"name": "prefers-color-scheme", "value": scheme}]})


def window(page: WebDriver, width: int, height: int = 900) -> None:
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def accessibility(page: WebDriver) -> list[str]:
    """What axe-core has against a page (rules of WCAG 2.1 A and AA, and its best practices)."""
    told = "(found) => found.violations.map((one) => one.id + ': ' + one.nodes[0].html)"
    # the page's policy forbids foreign scripts, but not the debugger's
    script = {"expression": f"{AXE}; axe.run().then({told})", "awaitPromise": True, "returnByValue": True}
    answer: Any = page.execute_cdp_cmd("Runtime.evaluate", script)
    return list(answer["result"]["value"])


def test_it_opens_from_disk_and_asks_nobody_for_anything(page: WebDriver, report: str) -> None:
    page.get(report)
    heading = page.find_element(By.TAG_NAME, "h1").text
    assert heading == "JWTs are used as sessions here: they cannot be revoked, their claims go stale, and a stolen one stays stolen."
    assert len(shown(page)) == 9
    assert complaints(page) == []
    assert requests(page) == set()


def test_findings_are_filtered_by_failure_rule_file_and_words(page: WebDriver, report: str) -> None:
    page.get(report)
    count = page.find_element(By.ID, "shown")
    assert count.text == "9 findings"
    page.find_element(By.CSS_SELECTOR, "input[value=revocation]").click()
    assert count.text == "4 of 9 findings"
    assert {one.get_attribute("data-failure") for one in shown(page)} == {"staleness", "theft"}
    page.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    Select(page.find_element(By.NAME, "rule")).select_by_value("JWT104")
    assert {one.get_attribute("data-rule") for one in shown(page)} == {"JWT104"} and count.text == "2 of 9 findings"
    Select(page.find_element(By.NAME, "file")).select_by_value("app/api/deps.py")
    assert shown(page) == [] and page.find_element(By.ID, "none").is_displayed()
    page.find_element(By.CSS_SELECTOR, "#none button").click()
    assert len(shown(page)) == 9 and not page.find_element(By.ID, "none").is_displayed()
    page.find_element(By.NAME, "words").send_keys("photograph days")
    assert shown(page) == []
    page.find_element(By.NAME, "words").clear()
    page.find_element(By.NAME, "words").send_keys("8 DAYS")
    assert [one.get_attribute("data-rule") for one in shown(page)] == ["JWT106"]


def test_a_drawing_leads_to_the_finding_even_if_it_is_filtered_away(page: WebDriver, report: str) -> None:
    page.get(report)
    page.find_element(By.CSS_SELECTOR, "input[value=staleness]").click()
    link = next(one for one in page.find_elements(By.CSS_SELECTOR, "svg.wide a") if "role: a right" in one.get_attribute("textContent"))
    target = link.get_dom_attribute("href")[1:]
    assert not page.find_element(By.ID, target).is_displayed()
    link.click()
    assert page.find_element(By.ID, target).is_displayed()
    assert page.switch_to.active_element.get_attribute("id") == target
    assert page.find_element(By.ID, target).get_attribute("data-rule") == "JWT201"


def test_the_span_is_marked_in_the_code(page: WebDriver, report: str) -> None:
    page.get(report)
    (finding,) = page.find_elements(By.CSS_SELECTOR, "[data-rule=JWT201]")
    assert finding.find_element(By.TAG_NAME, "mark").text == '"role"'
    assert finding.find_element(By.CLASS_NAME, "label").text.strip() == "claim enters here"
    assert finding.find_element(By.CSS_SELECTOR, "li[data-line='27'] .s").text == '"role"'
    numbers = page.execute_script(
        "return [...arguments[0].querySelectorAll('li[data-line]')].map((line) => getComputedStyle(line, '::before').content)", finding
    )
    assert numbers[:5] == [f'"{number}"' for number in range(25, 30)]


def test_light_and_dark(page: WebDriver, report: str) -> None:
    media(page, scheme="light")
    page.get(report)

    def ground() -> str:
        return str(page.execute_script("return getComputedStyle(document.documentElement).backgroundColor"))

    assert ground() == "rgb(255, 255, 255)"
    button = page.find_element(By.ID, "theme")
    assert button.text == "Dark"
    button.click()
    assert (ground(), button.text) == ("rgb(20, 23, 28)", "Light")
    media(page, scheme="dark")
    page.get(report)
    assert ground() == "rgb(20, 23, 28)"
    page.find_element(By.ID, "theme").click()
    assert ground() == "rgb(255, 255, 255)"


def test_the_keyboard_suffices(page: WebDriver, report: str) -> None:
    page.get(report)
    body = page.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    skip = page.switch_to.active_element
    assert skip.text == "Skip to the report"
    skip.send_keys(Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "main"
    chip = page.find_element(By.CSS_SELECTOR, "input[value=theft]")
    chip.send_keys(Keys.SPACE)
    assert page.find_element(By.ID, "shown").text == "8 of 9 findings"
    link = page.find_element(By.CSS_SELECTOR, "svg.wide a")
    page.execute_script("arguments[0].focus()", link)
    assert page.switch_to.active_element == link
    link.send_keys(Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("class").startswith("finding")


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (360, "light")])
def test_nothing_is_said_against_its_accessibility(page: WebDriver, report: str, width: int, scheme: str) -> None:
    media(page, scheme=scheme)
    window(page, width)
    page.get(report)
    page.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    assert accessibility(page) == []


@pytest.mark.parametrize("width", [320, 600, 1000, 1100, 1400])
def test_the_page_is_as_wide_as_the_window(page: WebDriver, report: str, width: int) -> None:
    window(page, width)
    page.get(report)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    drawn = [one.get_attribute("class") for one in page.find_elements(By.CSS_SELECTOR, "svg.life") if one.is_displayed()]
    assert drawn == ["life narrow" if width <= 1050 else "life wide"]


def test_paper_shows_all_and_no_controls(page: WebDriver, report: str) -> None:
    page.get(report)
    media(page, "print", "dark")
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert not page.find_element(By.ID, "filters").is_displayed()
    assert page.execute_script("return getComputedStyle(document.body).color") == "rgb(27, 31, 39)"
    assert all(one.is_displayed() for one in page.find_elements(By.CLASS_NAME, "trace"))
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    assert not any(one.is_displayed() for one in page.find_elements(By.CLASS_NAME, "trace"))
    data = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert data.startswith(b"%PDF")


def test_without_its_script_everything_can_be_read(page: WebDriver, report: str) -> None:
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    page.get(report)
    assert len(shown(page)) == 9
    assert not page.find_element(By.ID, "filters").is_displayed()
    assert not page.find_element(By.ID, "theme").is_displayed()


def test_scanned_text_becomes_no_html(page: WebDriver, tmp_path: Path) -> None:
    page.get(written(hostile.rendering(), tmp_path / "hostile.html"))
    assert page.title == "jwtlint: JWTs are used as sessions here."
    assert page.find_elements(By.CSS_SELECTOR, "img, [onload], [onerror], body script:not(:last-child), a[href^=javascript]") == []
    assert "<img src=x" in page.find_element(By.TAG_NAME, "main").text
    assert complaints(page) == []
    assert requests(page) == set()


def test_its_policy_stops_what_escaping_would_miss(page: WebDriver, bad: Rendering, tmp_path: Path) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    text = html.render(bad).replace("</main>", f"{attack}</main>")
    path = tmp_path / "report.html"
    path.write_text(text, encoding="utf-8")
    page.get(path.as_uri())
    assert page.title == "jwtlint: JWTs are used as sessions here."
    assert any("Content Security Policy" in one for one in complaints(page))


def test_a_good_application_gets_a_short_page(page: WebDriver, tmp_path: Path) -> None:
    page.get(written(rendering("django-sessions-invites"), tmp_path / "good.html"))
    assert page.find_element(By.TAG_NAME, "h1").text == "No session by JWT was found."
    assert page.find_elements(By.CLASS_NAME, "finding") == page.find_elements(By.CLASS_NAME, "story") == []
    page.find_element(By.CSS_SELECTOR, "section[aria-labelledby=alone] summary").click()
    assert "One-time token" in page.find_element(By.CSS_SELECTOR, "section[aria-labelledby=alone]").text
    assert complaints(page) == []
    assert accessibility(page) == []


def test_the_pages_of_the_rules(page: WebDriver, tmp_path: Path) -> None:
    for path, text in site.pages(catalogue.load(), models.load(examples=False)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    for path in ("index.html", "libraries.html", "rules/JWT301.html"):
        for width, scheme in ((1200, "light"), (360, "dark")):
            window(page, width)
            media(page, scheme=scheme)
            page.get((tmp_path / path).as_uri())
            assert page.execute_script("return document.documentElement.scrollWidth") <= width
            assert accessibility(page) == []
    page.get((tmp_path / "index.html").as_uri())
    page.find_element(By.PARTIAL_LINK_TEXT, "token-in-local-storage").click()
    page.find_element(By.PARTIAL_LINK_TEXT, "JWT302").click()
    assert page.title == "JWT302 token-in-session-storage"
    assert complaints(page) == []
    assert requests(page) == set()


FIT = """
return [...document.querySelectorAll('svg.life .box')].flatMap((box) => {
  const rect = box.querySelector('rect').getBBox();
  return [...box.querySelectorAll('text')].filter((text) => {
    const inside = text.getBBox();
    return inside.x + inside.width > rect.x + rect.width + 1 || inside.y + inside.height > rect.y + rect.height + 1;
  }).map((text) => text.textContent);
});
"""


@pytest.mark.parametrize("name", ["tornado-pyjwt", "admin-impersonation", "drf-simplejwt", "src-layout-reexports", "dict-tricks"])
def test_text_fits_into_its_box(page: WebDriver, tmp_path: Path, name: str) -> None:
    path = tmp_path / "lives.svg"
    path.write_text(svg.document(lives(rendering(name).report), ""), encoding="utf-8")
    page.get(path.as_uri())
    assert page.find_elements(By.CSS_SELECTOR, "svg.life .box") != []
    assert page.execute_script(FIT) == []
    assert complaints(page) == []
