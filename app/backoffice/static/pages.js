// What pages need besides HTML: a question before what cannot be undone, and keys.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === "/" && search && !isTyping) {
    event.preventDefault();
    search.focus();
  }
});
