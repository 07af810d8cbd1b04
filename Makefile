# make demo   simulate a scan, find its vessels, score them
# make test   the test suite          make lint   style and types
# make soak   the long tests: random kills, thousands of damaged files, memory (a quarter of an hour)
# make audit  known vulnerabilities of the dependencies (pip-audit; needs the internet)
# make docs   the pictures and generated tables of docs/, after a demo
# make viewer the 3D viewer of the reports (NiiVue), into .viewer
# make web    the libraries of the page that segments in the browser (npm), into .web
# make zoo    the bundle as a pull request, into ZOO, a checkout of MONAI's Model Zoo
# make env    only the environment
# Without a GPU, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu saves downloading CUDA.

VENV ?= .venv
PYTHON ?= python3
DEMO ?= demo
ZOO ?= model-zoo

# An environment is made once per content of the requirements: a stamp named after their checksum lies in it.
BASE := $(VENV)/.base-$(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEV := $(VENV)/.dev-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
RUN := $(VENV)/bin/python -W ignore -m monai.bundle run

.PHONY: env demo docs viewer web test soak audit lint zoo

env: $(DEV)

$(BASE):
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet -r requirements.txt
	rm -f $(VENV)/.base-* && touch $@

$(DEV): $(BASE)
	$(VENV)/bin/python -m pip install --quiet -r requirements-dev.txt
	rm -f $(VENV)/.dev-* && touch $@

demo: $(BASE)
	@$(MAKE) --silent viewer 2>/dev/null || echo "The 3D viewer cannot be fetched here: the report will have pictures alone."
	$(RUN) --config_file configs/simulate.yaml --output_dir $(DEMO) --cases "{'test': 1}" --masks_2d 0
	$(RUN) --config_file configs/inference.yaml --dataset_dir $(DEMO)/test --output_dir $(DEMO)/result
	$(RUN) --config_file configs/score.yaml --predictions_dir $(DEMO)/result --labels_dir $(DEMO)/test/labels
	@echo "The scan, its label and its brain mask: $(DEMO)/test"
	@ls $(DEMO)/result/*_vessels.nii.gz $(DEMO)/result/*_probability.nii.gz $(DEMO)/result/*_preview.png $(DEMO)/result/report.html

docs: $(DEV) demo
	$(VENV)/bin/python -W ignore -m scripts.documentation $(DEMO)

viewer: .viewer/niivue.umd.js

.viewer/niivue.umd.js: scripts/report/fetch_viewer.py | $(BASE)
	$(VENV)/bin/python -W ignore -m scripts.report.fetch_viewer .viewer

zoo: $(BASE)
	$(VENV)/bin/python -m scripts.zoo_kit $(ZOO)

web: .web/node_modules/.package-lock.json

.web/node_modules/.package-lock.json: scripts/web/package.json scripts/web/package-lock.json
	mkdir -p .web && cp $^ .web
	npm ci --prefix .web --ignore-scripts --no-audit --no-fund

test: $(DEV)
	$(VENV)/bin/python -m pytest -n auto --dist loadfile

soak: $(DEV)
	$(VENV)/bin/python -m pytest -s tests/soak/endurance.py tests/soak/kills.py tests/soak/learning.py tests/soak/terms_alone.py tests/soak/zoo.py
	FUZZ_FIRST=1000 FUZZ_COUNT=4000 $(VENV)/bin/python -m pytest tests/test_fuzzed_scans.py

audit:
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet pip-audit==2.10.1
	$(VENV)/audit/bin/pip-audit -r requirements.txt

lint: $(DEV)
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
