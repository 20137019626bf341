# make, or make help, lists the targets.
.DEFAULT_GOAL := help
.PHONY: help build test servers run up down format bench simulate crash-sweep sbom

help: ## what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## compile everything (Release)
	dotnet build A2A.Micro.sln -c Release -v q

test: ## build and run every test with its servers; make test ARGS=Gateway.Tests
	./test.sh $(ARGS)

servers: ## start PostgreSQL and RabbitMQ for tests run from an editor
	./test.sh --servers

run: ## the whole system in one process; make run ARGS="--file data.csv"
	./run.sh $(ARGS)

crash-sweep: ## kill every service at every step with every message; some minutes
	A2A_CRASH_SWEEP=all ./test.sh System.Tests --filter CrashSweepTests

bench: ## measure throughput, latency and cost per task; make bench ARGS=--profile
	bench/run.sh $(ARGS)

simulate: ## play 10,000 tasks on 200 agents against simple baselines; the pictures go to docs/scheduling
	dotnet run --project bench -c Release -- simulate docs/scheduling

sbom: ## write down every package that the programs are made of, as CycloneDX JSON: artifacts/bom.json
	dotnet restore A2A.Micro.sln -v q
	dotnet run tools/sbom.cs -- artifacts/bom.json

up: ## the whole system in containers, ready when the command returns
	./init-secrets
	docker compose up --build --wait

down: ## stop the containers; data stay in their volumes
	docker compose down

format: ## bring code into the shape that the build demands
	dotnet format A2A.Micro.sln
