"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const named = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; named(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", named);
  named();

  const paper = document.getElementById("print");
  paper.hidden = false;
  paper.addEventListener("click", () => print());
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], .example)")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });

  const form = document.getElementById("filters");
  if (!form) return;
  form.hidden = false;
  const findings = [...document.querySelectorAll(".finding")];
  const words = new Map(findings.map((one) => [one, one.textContent.toLowerCase()]));
  const output = document.getElementById("shown");
  const none = document.getElementById("none");

  const show = () => {
    const data = new FormData(form);
    const failures = new Set(data.getAll("failure"));
    const rule = data.get("rule"), file = data.get("file");
    const sought = String(data.get("words")).toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of findings) {
      const fits = failures.has(one.dataset.failure)
        && (!rule || one.dataset.rule === rule)
        && (!file || one.dataset.file === file)
        && sought.every((word) => words.get(one).includes(word));
      one.hidden = !fits;
      count += fits;
    }
    none.hidden = count > 0;
    const noun = findings.length === 1 ? "finding" : "findings";
    output.textContent = count === findings.length ? `${count} ${noun}` : `${count} of ${findings.length} ${noun}`;
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  none.querySelector("button").addEventListener("click", () => { form.reset(); form.querySelector("select").focus(); });

  // a drawing may lead to a finding that is filtered away
  const arrive = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target || !target.classList.contains("finding")) return;
    if (target.hidden) { form.reset(); show(); }
    for (const one of findings) one.classList.toggle("here", one === target);
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", arrive);
  show();
  arrive();
})();
