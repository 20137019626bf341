using System.Text.Json;
using A2A.Micro.Persistence.Sagas;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace A2A.Micro.Persistence.Tests;

/// <summary>A saga with one column of every kind; <c>count</c> is bounded by the database, to have something that fails.</summary>
public sealed class PingSaga : SagaRow
{
    public int Count { get; set; }

    public string? LastWord { get; set; }

    public IReadOnlyList<string> Words { get; set; } = [];

    public DateTimeOffset? SeenAt { get; set; }

    public double Factor { get; set; }

    public string Born { get; set; } = "";
}

public sealed class PingDb(DbContextOptions<PingDb> options) : ModuleDb(options, "ping")
{
    protected override void Map(ModelBuilder model)
    {
        var saga = model.Entity<PingSaga>();
        saga.ToTable("ping_saga").HasKey(row => row.CorrelationId);
        saga.Property(row => row.Born).Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        _ = saga.Property(row => row.Words).ChangesSeldom();
        saga.Property(row => row.Words).HasColumnType("json").HasConversion(
            words => JsonSerializer.Serialize(words, (JsonSerializerOptions?)null),
            text => JsonSerializer.Deserialize<List<string>>(text, (JsonSerializerOptions?)null)!);
    }
}

[MessageUrn("a2a:test.ping", useDefaultPrefix: false), EntityName("test.ping")]
public sealed record Ping
{
    public required Guid Id { get; init; }

    public required string Word { get; init; }
}

[MessageUrn("a2a:test.pong", useDefaultPrefix: false), EntityName("test.pong")]
public sealed record Pong
{
    public required Guid Id { get; init; }

    public required int Count { get; init; }
}
