/// The style and script that all pages share.
enum PageStyle {
    static let css = """
        :root { color-scheme: light dark; --text: #222; --soft: #5b5b5b; --line: #e2e2e2; --back: #fff; --link: #0b5cad; }
        @media (prefers-color-scheme: dark) {
            :root { --text: #e6e6e6; --soft: #a8a8a8; --line: #3a3a3a; --back: #161616; --link: #7db8f0; }
        }
        * { box-sizing: border-box; }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); }
        body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
        h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        a { color: var(--link); }
        p.note { color: var(--soft); margin: .25rem 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
        table.values { width: auto; } table.values th { font-weight: 600; padding-right: 1.5rem; }
        td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        tr[hidden] { display: none; }
        .pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; }
        .pictures { margin: 1.5rem 0; }
        .pictures img { width: 100%; height: auto; background: #fff; border-radius: 4px; }
        input[type=search] { font: inherit; width: 100%; max-width: 30rem; padding: .4rem .6rem; }
        input[type=search] { color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: 4px; }
        @media (max-width: 40rem) {
            body { margin: 1rem auto; }
            table.rows, table.rows tbody, table.rows tr, table.rows td { display: block; width: 100%; }
            table.rows thead { display: none; }
            table.rows tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
            table.rows tr[hidden] { display: none; }
            table.rows td { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
            table.rows td::before { content: attr(data-name) ": "; color: var(--soft); }
            table.values, table.values tbody, table.values tr, table.values th, table.values td { display: block; }
            table.values { width: 100%; } table.values tr { border-bottom: 1px solid var(--line); padding: .35rem 0; }
            table.values th, table.values td { border: 0; padding: 0; }
        }
        @media print { input, script { display: none; } body { max-width: none; } }
        """

    static let filter = """
        <p><input type="search" id="filter" placeholder="Filter recordings" aria-label="Filter recordings"> \
        <span class="note" id="found" role="status"></span></p>

        """

    /// Shows the rows that have all words of the filter.
    static let script = """
        const filter = document.getElementById("filter"), found = document.getElementById("found");
        const rows = Array.from(document.querySelectorAll("table.filtered tbody tr"));
        const texts = rows.map(row => row.textContent.toLowerCase());
        filter.addEventListener("input", () => {
            const words = filter.value.toLowerCase().split(/\\s+/).filter(word => word);
            let count = 0;
            rows.forEach((row, index) => {
                row.hidden = !words.every(word => texts[index].includes(word));
                if (!row.hidden) count += 1;
            });
            found.textContent = words.length ? count + " of " + rows.length + " rows" : "";
        });
        """
}
