const PATIENCE = 10_000; // milliseconds

const article = document.querySelector("#book");
const status = document.querySelector("#status");
const retry = document.querySelector("#retry");

const fieldsOf = ({ title, author, year, genres, available, details }) => ({
  title,
  author,
  year,
  genres: genres.join(", "),
  available: available ? "Available now" : "Not available",
  pages: details.pages,
  language: details.language,
  isbn: details.isbn,
});

const fail = (reason) => {
  throw new Error(reason);
};

async function fetchBook() {
  const response = await fetch("/book", {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => fail("The server did not answer."));
  if (!response.ok) {
    fail(`/book answered with status ${response.status}.`);
  }
  return response
    .json()
    .then(fieldsOf)
    .catch(() => fail("What /book answered could not be read as a book."));
}

function show(fields) {
  for (const place of article.querySelectorAll("[data-field]")) {
    place.textContent = fields[place.dataset.field];
  }
  article.hidden = false;
  if (document.activeElement === retry) {
    document.querySelector("#book-title").focus();
  }
  retry.hidden = true;
}

async function load() {
  status.textContent = "Fetching the book…";
  const start = performance.now();
  try {
    show(await fetchBook());
    const duration = (performance.now() - start).toFixed(1);
    status.textContent = `Fetched from /book in ${duration} ms.`;
  } catch (error) {
    status.textContent = `The book could not be fetched. ${error.message}`;
    retry.hidden = false;
  }
}

retry.addEventListener("click", load);
load();
