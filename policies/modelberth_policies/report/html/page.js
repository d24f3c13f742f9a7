"use strict";
const form = document.getElementById("filters");
if (form) {
  const buttons = [...form.querySelectorAll("button")];
  const findings = [...document.querySelectorAll(".finding[data-severity]")];
  const pressed = (button) => button.getAttribute("aria-pressed") === "true";
  const values = (name) => buttons.filter((b) => b.name === name && pressed(b)).map((b) => b.value);
  const texts = new Map(findings.map((finding) => [finding, finding.textContent.toLowerCase()]));
  const apply = () => {
    const severities = values("severity");
    const only = values("only");
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const finding of findings) {
      const fits = severities.includes(finding.dataset.severity)
        && only.every((mark) => mark in finding.dataset)
        && words.every((word) => texts.get(finding).includes(word));
      finding.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector(".finding:not([hidden])");
    }
    form.shown.value = `${shown} of ${findings.length} shown`;
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) {
      button.setAttribute("aria-pressed", String(!pressed(button)));
      apply();
    }
  });
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link to a finding that is filtered out or folded up shows it all the same.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (findings.includes(target)) {
      for (let shown = target; shown; shown = shown.parentElement.closest(".group")) {
        shown.hidden = false;
        shown.open = true;
      }
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();
  form.hidden = false;
}
