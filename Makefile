# claimledger: 'make run' and 'make test' set everything up on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Where the public data sets lie (docs/data.md); only training and the public benchmarks need them.
DATA ?= ../shared/data
OUTPUTS ?= outputs
# Keeps freed memory in the process: training allocates and frees large blocks at every step.
TRAIN := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000 $(BIN)/python -m

.PHONY: help setup run test lint bench evaluate train-reader train-stance train-linking train-claimers gold clean

help:  ## Show what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(STAMP)  ## Create the environment and install (done by the others when needed)

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)

run: $(STAMP)  ## Read the sample corpus and write its tables to outputs/
	$(BIN)/claimledger run corpus/news -o $(OUTPUTS)

test: $(STAMP)  ## Run the tests
	$(BIN)/python -m pytest

lint: $(STAMP)  ## Check style and types
	$(BIN)/ruff check pipeline tests
	$(BIN)/mypy pipeline

bench: $(STAMP)  ## Measure throughput, as ratios within one run
	$(BIN)/python -m pipeline.bench

gold: $(STAMP)  ## Build corpus/gold/*.jsonl from the tagged event files
	$(BIN)/claimledger annotate build corpus/gold/source corpus/gold

evaluate: $(STAMP)  ## Score the models on gold dev and, where DATA is there, on the public development sets
	$(BIN)/python -m pipeline.evaluate.suite --gold corpus/gold/dev.jsonl --data $(DATA) --work build/evaluate

train-reader: $(STAMP)  ## Train the reader (two steps, about 55 minutes on two cores)
	$(TRAIN) pipeline.training.reader --data $(DATA) --out build/reader-open --epochs 7 --minutes 40
	$(TRAIN) pipeline.training.reader --data $(DATA) --gold corpus/gold/train.jsonl --resume build/reader-open/weights.safetensors --out build/reader --epochs 2 --minutes 13 --rate 1e-4

train-stance: $(STAMP)  ## Train the stance model (public sets first, then mostly gold; about 20 minutes)
	$(TRAIN) pipeline.training.stance --data $(DATA) --gold corpus/gold/train.jsonl --out build/stance-open --epochs 1 --minutes 8
	$(TRAIN) pipeline.training.stance --data $(DATA) --gold corpus/gold/train.jsonl --start build/stance-open/weights.safetensors --out build/stance --epochs 4 --minutes 11 --public-share 0.15

train-linking: $(STAMP)  ## Train the linking model (about 14 minutes)
	$(TRAIN) pipeline.training.linking --data $(DATA) --gold corpus/gold/train.jsonl --out build/linking-1 --epochs 3 --minutes 8
	$(TRAIN) pipeline.training.linking --data $(DATA) --gold corpus/gold/train.jsonl --start build/linking-1/weights.safetensors --out build/linking --epochs 1 --minutes 6

train-claimers: $(STAMP)  ## Train the claimer scorer (about 5 minutes, most of them reading)
	$(TRAIN) pipeline.training.claimers --data $(DATA) --gold corpus/gold/train.jsonl $(DATA)/gold-real-train.jsonl --out build/claimers

clean:  ## Remove outputs and build products, not the environment
	rm -rf build outputs/* .pytest_cache .mypy_cache .ruff_cache
	@git checkout -q -- outputs/README.md 2>/dev/null || true
