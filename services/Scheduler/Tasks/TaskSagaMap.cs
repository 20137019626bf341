using System.Text.Json;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Persistence.Sagas;
using A2A.Micro.Scheduler.Control;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace A2A.Micro.Scheduler.Tasks;

/// <summary>How a task lies in the database: table, bounds, concurrency token. The CHECKs are in the migration.</summary>
public sealed class TaskSagaMap : IEntityTypeConfiguration<TaskSaga>
{
    /// <inheritdoc />
    public void Configure(EntityTypeBuilder<TaskSaga> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        _ = builder.ToTable("task_saga").HasKey(saga => saga.CorrelationId);
        _ = builder.Property(saga => saga.Version).IsConcurrencyToken();
        _ = builder.Property(saga => saga.TaskId).HasMaxLength(TaskRules.NameLengthMax);
        // json, not jsonb: parameters come back as they were written, to the digit.
        builder.Property(saga => saga.FirstTask).HasColumnType("json").HasConversion(
            task => JsonSerializer.Serialize(task, WireJson.Options),
            text => JsonSerializer.Deserialize<SubmitTask>(text, WireJson.Options)!)
            // What was asked for seldom changes, and may be large: it is written once.
            .Metadata.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        _ = builder.Property(saga => saga.LaterTask).HasColumnType("json").HasConversion(
            task => JsonSerializer.Serialize(task, WireJson.Options),
            text => JsonSerializer.Deserialize<SubmitTask>(text, WireJson.Options)!);
        _ = builder.Property(saga => saga.Result).HasColumnType("json");
        Lines(builder.Property(saga => saga.Watchers));
        Lines(builder.Property(saga => saga.Settled));
        Lines(builder.Property(saga => saga.Members));
        Lines(builder.Property(saga => saga.Descendants));
        Lines(builder.Property(saga => saga.ExcludedAgents));
        Lines(builder.Property(saga => saga.Notes));
        Lines(builder.Property(saga => saga.Refused));
        Document(builder.Property(saga => saga.Amendment));
        Document(builder.Property(saga => saga.Question));
        Document(builder.Property(saga => saga.Error));
        _ = builder.Property(saga => saga.Inputs).HasColumnType("json");
        _ = builder.Property(saga => saga.Commands).HasColumnType("json").HasConversion(
            notes => JsonSerializer.Serialize(notes, WireJson.Options),
            text => JsonSerializer.Deserialize<List<CommandNote>>(text, WireJson.Options)!,
            new ValueComparer<IReadOnlyList<CommandNote>>(
                (left, right) => ReferenceEquals(left, right), notes => notes.Count, notes => notes));
        Seldom(builder);
        _ = builder.Ignore(saga => saga.Cause).Ignore(saga => saga.Judgement).Ignore(saga => saga.Asked)
            .Ignore(saga => saga.Cycle).Ignore(saga => saga.Task);
    }

    // What a task needs that waits for others, fails, is commanded or asks; most never do.
    private static void Seldom(EntityTypeBuilder<TaskSaga> builder)
    {
        _ = builder.Property(saga => saga.LaterTask).ChangesSeldom();
        _ = builder.Property(saga => saga.Watchers).ChangesSeldom();
        _ = builder.Property(saga => saga.Settled).ChangesSeldom();
        _ = builder.Property(saga => saga.Members).ChangesSeldom();
        _ = builder.Property(saga => saga.HasLargeResult).ChangesSeldom();
        _ = builder.Property(saga => saga.Error).ChangesSeldom();
        _ = builder.Property(saga => saga.Depth).ChangesSeldom();
        _ = builder.Property(saga => saga.RootId).ChangesSeldom();
        _ = builder.Property(saga => saga.Descendants).ChangesSeldom();
        _ = builder.Property(saga => saga.SparesChildren).ChangesSeldom();
        _ = builder.Property(saga => saga.Failures).ChangesSeldom();
        _ = builder.Property(saga => saga.Losses).ChangesSeldom();
        _ = builder.Property(saga => saga.AvoidAgent).ChangesSeldom();
        _ = builder.Property(saga => saga.ExcludedAgents).ChangesSeldom();
        _ = builder.Property(saga => saga.Notes).ChangesSeldom();
        _ = builder.Property(saga => saga.Refused).ChangesSeldom();
        _ = builder.Property(saga => saga.Held).ChangesSeldom();
        _ = builder.Property(saga => saga.KeepsRoom).ChangesSeldom();
        _ = builder.Property(saga => saga.ExtendsDeadline).ChangesSeldom();
        _ = builder.Property(saga => saga.DeadlineLeftMs).ChangesSeldom();
        _ = builder.Property(saga => saga.Checkpoint).ChangesSeldom();
        _ = builder.Property(saga => saga.CheckpointAttempt).ChangesSeldom();
        _ = builder.Property(saga => saga.CheckpointNumber).ChangesSeldom();
        _ = builder.Property(saga => saga.Amendment).ChangesSeldom();
        _ = builder.Property(saga => saga.Question).ChangesSeldom();
        _ = builder.Property(saga => saga.Inputs).ChangesSeldom();
        _ = builder.Property(saga => saga.Commands).ChangesSeldom();
        _ = builder.Property(saga => saga.CommandId).ChangesSeldom();
        _ = builder.Property(saga => saga.CancelReason).ChangesSeldom();
    }

    private static void Document<T>(PropertyBuilder<T?> property) where T : class =>
        property.HasColumnType("json").HasConversion(
            document => JsonSerializer.Serialize(document, WireJson.Options),
            text => JsonSerializer.Deserialize<T>(text, WireJson.Options)!);

    private static void Lines<T>(PropertyBuilder<IReadOnlyList<T>> property) =>
        property.HasColumnType("json").HasConversion(
            lines => JsonSerializer.Serialize(lines, WireJson.Options),
            text => JsonSerializer.Deserialize<List<T>>(text, WireJson.Options)!,
            // Lists of a saga are replaced, never changed in place.
            new ValueComparer<IReadOnlyList<T>>(
                (left, right) => ReferenceEquals(left, right), lines => lines.Count, lines => lines));
}
