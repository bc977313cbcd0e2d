"""Run ``jupyter-book`` with pages read and written on several cores, which it has no option for."""

import sys
from functools import partial

import jupyter_book.cli.main
import jupyter_book.sphinx
from sphinx.application import Sphinx

# They say nothing of parallel reading, and do nothing then: one acts on LaTeX alone, the other
# numbers chapters when all have been read.
SILENT = ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering")


class Parallel(Sphinx):
    """Sphinx, told that those extensions do no harm."""

    def setup_extension(self, extname: str) -> None:
        """Load an extension as usual."""
        super().setup_extension(extname)
        for name in SILENT:
            if name in self.extensions:
                self.extensions[name].parallel_read_safe = True


if __name__ == "__main__":
    jobs = int(sys.argv.pop(1))
    jupyter_book.sphinx.Sphinx = Parallel
    jupyter_book.cli.main.build_sphinx = partial(jupyter_book.sphinx.build_sphinx, jobs=jobs)
    jupyter_book.cli.main.main()
