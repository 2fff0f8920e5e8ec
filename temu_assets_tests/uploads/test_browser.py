"""The page as a person uses it: in a real Chromium, with the mouse, the keyboard, light and dark, and nothing its console complains of."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from temu_assets_tests.uploads import fake_run
from temu_assets_tests.uploads.conftest import CSV, PDF, TOKEN, Open, open_page

if sys.platform == "win32":
    pytest.skip("drives Chromium through pipes that Windows does not have", allow_module_level=True)

from temu_assets_tests.uploads.browser import CHROMIUM, Browser, open_browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (chromium, chromium-browser or google-chrome) on the path")

TAB = ("Tab", 9)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def shop(tmp_path: Path, browser: Browser) -> Iterator[Open]:
    """A page that a person has opened with the link."""
    with open_page(tmp_path) as page:
        browser.complaints.clear()
        browser.open(f"{page.url}/?token={TOKEN}")
        browser.until(lambda: "bis 1 MB" in browser.text() and "Noch keine Berichte" in browser.text())
        yield page
        browser.open("about:blank")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Files on the person's disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    contents = {"gut.pdf": PDF, "pruefen ä.pdf": PDF + b"1", "fehler.pdf": PDF + b"2", "EXTF_a.csv": CSV, "notiz.txt": b"x"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "verkleidet.pdf").write_bytes(b"<html>keine Rechnung</html>")
    (folder / "gross.pdf").write_bytes(PDF + b"x" * 1_000_000)
    (folder / "Ordner").mkdir()
    return folder


def told(browser: Browser) -> dict[str, str]:
    """Each file of the list with what is said beside it."""
    row = "[row.querySelector('.name').textContent, [...row.querySelectorAll('.state, .reason')].map(each => each.textContent).join(': ')]"
    rows = f"[...document.querySelectorAll('#list .file')].map(row => {row})"
    found: dict[str, str] = json.loads(browser.run(f"JSON.stringify(Object.fromEntries({rows}))"))
    return found


def test_files_are_chosen_and_each_has_its_outcome(shop: Open, files: Path, browser: Browser) -> None:
    assert browser.run("location.href") == f"{shop.url}/"
    assert browser.run("document.cookie") == ""
    browser.choose("#files", files / "gut.pdf", files / "pruefen ä.pdf", files / "fehler.pdf", files / "notiz.txt", files / "gross.pdf")
    browser.until(lambda: "5 von 5 fertig" in browser.text())
    assert told(browser) == {
        "gut.pdf": "ok",
        "pruefen ä.pdf": "prüfen: Die Rechnungsnummer fehlt.",
        "fehler.pdf": "Fehler: Die Datei ist mit einem Kennwort geschützt.",
        "notiz.txt": "abgelehnt: Hier werden nur PDF, XML und ZIP angenommen.",
        "gross.pdf": "abgelehnt: Die Datei ist größer als 1 MB.",
    }
    assert "Muster GmbH · Nr. 4711 · -1.234,56 EUR" in browser.text()
    browser.open(f"{shop.url}/")
    browser.until(lambda: "3 von 3 fertig" in browser.text())
    browser.choose("#files", files / "gut.pdf")
    browser.until(lambda: "schon verarbeitet am" in browser.text())
    assert browser.complaints == []


SLOW_ANSWERS = """
(() => {
  const plain = window.fetch;
  window.fetch = async (address, options) => {
    const response = await plain(address, options);
    const json = response.json.bind(response);
    response.json = async () => { const value = await json(); await new Promise((done) => setTimeout(done, 300)); return value; };
    return response;
  };
})()
"""


def test_answers_that_overtake_each_other_take_no_refused_file_from_the_list(shop: Open, files: Path, browser: Browser) -> None:
    browser.run(SLOW_ANSWERS)
    browser.choose("#files", files / "gut.pdf", files / "pruefen ä.pdf", files / "fehler.pdf", files / "notiz.txt", files / "gross.pdf")
    browser.until(lambda: "5 von 5 fertig" in browser.text())
    assert {"notiz.txt", "gross.pdf"} <= told(browser).keys()


def test_files_are_dropped_into_the_lane_that_is_chosen(shop: Open, files: Path, browser: Browser) -> None:
    browser.run("document.querySelector('input[value=datev]').click()")
    assert "CSV, ZIP" in browser.text()
    browser.drop("#drop", files / "EXTF_a.csv", files / "gut.pdf")
    browser.until(lambda: "2 von 2 fertig" in browser.text())
    assert told(browser) == {
        "EXTF_a.csv": "prüfen: 1 Fehler, 2 Bestellnummern nicht gefunden.",
        "gut.pdf": "abgelehnt: Hier werden nur CSV und ZIP angenommen.",
    }
    # Beside the field counts as well, and leads away from the page nowhere.
    browser.run("document.querySelector('input[value=werbung]').click()")
    browser.drop("h1", files / "gut.pdf", files / "Ordner")
    browser.until(lambda: "ok" in told(browser).get("gut.pdf", ""))
    assert told(browser)["Ordner"] == "abgelehnt: Das ist ein Ordner. Bitte die Dateien darin ablegen."
    assert browser.run("location.href") == f"{shop.url}/"
    assert browser.complaints == []


def test_what_the_server_refuses_is_said_beside_the_file(shop: Open, files: Path, browser: Browser) -> None:
    browser.choose("#files", files / "verkleidet.pdf", files / "gut.pdf")
    browser.until(lambda: "2 von 2 fertig" in browser.text())
    assert told(browser)["verkleidet.pdf"].startswith("abgelehnt: Die Datei heißt .pdf, aber ihr Inhalt ist etwas anderes.")
    # The browser itself notes an answer that is no success; nothing else.
    assert [complaint for complaint in browser.complaints if "415" not in complaint] == []


def test_a_name_is_never_markup(shop: Open, files: Path, browser: Browser) -> None:
    (files / "<img src=x onerror=alert(1)>.pdf").write_bytes(PDF + b"3")
    browser.choose("#files", files / "<img src=x onerror=alert(1)>.pdf")
    browser.until(lambda: "1 von 1 fertig" in browser.text())
    assert browser.run("document.querySelectorAll('main img').length") == 0
    assert browser.complaints == []


def test_a_run_that_failed_is_said_and_can_be_tried_again(shop: Open, files: Path, browser: Browser) -> None:
    (shop.data / fake_run.FAIL).touch()
    browser.choose("#files", files / "gut.pdf")
    browser.until(lambda: "fehlgeschlagen" in browser.text())
    assert "Der Lauf für Rechnungen und Werbung" in browser.text()
    assert browser.run("document.querySelector('#notices a').href") == "http://127.0.0.1:3000/runs"
    (shop.data / fake_run.FAIL).unlink()
    browser.run("document.querySelector('#notices button').click()")
    browser.until(lambda: told(browser) == {"gut.pdf": "ok"} and "fehlgeschlagen" not in browser.text())
    assert browser.complaints == []


def test_results_are_downloaded(shop: Open, files: Path, browser: Browser, tmp_path: Path) -> None:
    for name in ("pdf_reader/ausgang/rechnungen.xlsx", "csv_verarbeiter/ausgang/EXTF_a.csv"):
        (shop.data / name).parent.mkdir(parents=True)
        (shop.data / name).write_bytes(PDF)
    browser.choose("#files", files / "gut.pdf")
    browser.until(lambda: "Rechnungen (Excel)" in browser.text())
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path / "downloads"), eventsEnabled=True)
    for link in ("a[download='rechnungen.xlsx']", "a[download='EXTF_a.csv']", "a[download='datev.zip']"):
        browser.run(f"document.querySelector({json.dumps(link)}).click()")
        name = link.split("'")[1]
        browser.until((tmp_path / "downloads" / name).exists)
    assert (tmp_path / "downloads" / "rechnungen.xlsx").read_bytes() == PDF
    assert browser.complaints == []


def test_the_keyboard_is_enough(shop: Open, browser: Browser) -> None:
    browser.run("document.activeElement.blur()")
    reached = []
    for _ in range(3):
        browser.press(*TAB)
        reached.append(browser.run("document.activeElement.id || document.activeElement.name"))
    assert reached == ["dagster", "lane", "files"]
    assert browser.run("getComputedStyle(document.getElementById('drop')).outlineStyle") == "solid"
    browser.run("document.querySelector('input[value=rechnungen]').focus()")
    browser.press("ArrowDown", 40)
    assert browser.run("document.querySelector('input[name=lane]:checked').value") == "werbung"


def test_what_a_screen_reader_needs_is_there(shop: Open, browser: Browser) -> None:
    assert browser.run("document.documentElement.lang") == "de"
    assert browser.run("document.getElementById('summary').getAttribute('aria-live')") == "polite"
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node["name"]["value"]) for node in nodes if node.get("name", {}).get("value")}
    roles = {role for role, _ in named}
    assert {"heading", "radio", "group", "link"} <= roles
    assert ("group", "Wohin gehören die Dateien?") in named
    assert any(role == "button" and "Dateien hierher ziehen" in name for role, name in named)


def test_it_fits_a_phone_and_can_be_read_in_light_and_dark(shop: Open, browser: Browser, tmp_path: Path) -> None:
    shop.upload("x" * 110 + ".pdf")
    shop.upload("pruefen.pdf", PDF + b"1")
    shop.upload("fehler.pdf", PDF + b"2")
    browser.open(f"{shop.url}/")
    browser.until(lambda: "3 von 3 fertig" in browser.text())
    for is_dark in (False, True):
        for width in (320, 390, 1_200):
            browser.picture(tmp_path / "page.png", width, 900, dark=is_dark)
            assert browser.run("document.documentElement.scrollWidth") <= width
        contrasts = json.loads(browser.run(CONTRASTS))
        assert len(contrasts) > 10
        assert {text: value for text, value in contrasts.items() if value < 4.5} == {}


CONTRASTS = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255);
  };
  const light = (parts) => {
    const [r, g, b] = parts.map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = {};
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
    if (!element.checkVisibility() || element.closest("script, noscript")) continue;
    const grounds = [];
    for (let each = element; each; each = each.parentElement) grounds.unshift(getComputedStyle(each).backgroundColor);
    const [a, b] = [light(over(grounds)), light(over([...grounds, getComputedStyle(element).color]))];
    found[element.textContent.trim().slice(0, 40)] = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
  return JSON.stringify(found);
})()
"""


def test_without_javascript_the_page_says_so(shop: Open, browser: Browser) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.call("Page.navigate", url=f"{shop.url}/")
        browser.until(lambda: "Diese Seite braucht JavaScript" in browser.text())
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_who_has_no_link_reads_how_to_get_one(shop: Open, browser: Browser) -> None:
    browser.call("Network.clearBrowserCookies")
    browser.open(f"{shop.url}/")
    assert "Bitte mit dem Link öffnen" in browser.text()
    assert [complaint for complaint in browser.complaints if "401" not in complaint] == []


def test_a_page_whose_program_has_ended_says_so(tmp_path: Path, browser: Browser) -> None:
    with open_page(tmp_path) as page:
        browser.open(f"{page.url}/?token={TOKEN}")
        browser.until(lambda: "Noch keine Dateien" in browser.text())
    browser.run("document.dispatchEvent(new Event('visibilitychange'))")
    browser.until(lambda: "Das Programm antwortet nicht" in browser.text())
    browser.open("about:blank")


class Foreign(http.server.BaseHTTPRequestHandler):
    """Another program's page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>foreign</title>")

    def log_request(self, *_: object) -> None:
        """Quiet."""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_programs_page_gets_nothing_from_this_one(host: str, shop: Open, browser: Browser) -> None:
    """Under this page's name it is the same site to a cookie, and still a stranger; under another one the cookie stays at home."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as foreign:
        threading.Thread(target=foreign.serve_forever).start()
        try:
            browser.open(f"http://{host}:{foreign.server_address[1]}/")
            posted = "{method: 'POST', mode: 'no-cors', credentials: 'include', body: '%PDF-1.7'}"
            browser.run(f"fetch('{shop.url}/uploads/rechnungen?name=a.pdf', {posted}).then(() => 1, () => 0)")
            read = f"fetch('{shop.url}/outcomes', {{credentials: 'include'}}).then(answer => answer.text(), () => 'nothing')"
            assert browser.run(read) == "nothing"
            # A link leads here all the same.
            browser.run(f"location.href = '{shop.url}/'")
            browser.until(lambda: "Belege ablegen" in browser.text() and "Noch keine Dateien" in browser.text())
        finally:
            foreign.shutdown()
    assert shop.waiting() == {}
