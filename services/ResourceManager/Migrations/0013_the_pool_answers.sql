-- What is granted is in the reservation, and whoever asks again is answered from there.
ALTER TABLE resource_manager.allocation_saga
    DROP COLUMN slots,
    DROP COLUMN cpu_milli,
    DROP COLUMN memory_mib,
    DROP COLUMN storage_mib,
    DROP COLUMN gpus,
    DROP COLUMN gpu_ids;
