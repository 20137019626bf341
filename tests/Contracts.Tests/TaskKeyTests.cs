using A2A.Micro.Contracts.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Contracts.Tests;

/// <summary>Under which id a task is stored. A change of these values would orphan every stored task.</summary>
public sealed class TaskKeyTests
{
    [Fact]
    public void The_key_of_a_task_is_the_same_for_ever()
    {
        Assert.Equal(new Guid("7acf79b3-d7c7-82b8-8a26-9e915fb37d5a"), TaskKey.Of("task-123e4567-e89b"));
        Assert.Equal(new Guid("5f60aa7e-ee0b-8fdd-b3d3-ee9c6d8d2d66"), TaskKey.OfAttempt("task-123e4567-e89b", 1));
    }

    [Fact]
    public void It_is_a_uuid_of_version_8()
    {
        var key = TaskKey.Of("t");

        Assert.Equal(8, key.Version);
        Assert.InRange(key.Variant, 0x8, 0xB);
    }

    [Fact]
    public void A_uuid_as_task_id_is_not_the_key() =>
        Assert.NotEqual(new Guid("01890000-0000-7000-8000-000000000000"), TaskKey.Of("01890000-0000-7000-8000-000000000000"));

    [Fact]
    public void Tenants_do_not_meet() => Assert.NotEqual(TaskKey.Of("t", "red"), TaskKey.Of("t", "blue"));

    [Fact]
    public void A_long_id_has_a_key_too() => Assert.NotEqual(TaskKey.Of(new string('a', 4000)), TaskKey.Of(new string('a', 4001)));

    [Fact]
    public void Different_tasks_and_attempts_have_different_keys()
    {
        var ids = Gen.Elements("a", "b", "a1", "1", "a:1", "task-1");
        Prop.ForAll(
            (from x in ids from y in ids from m in Gen.Choose(1, 12) from n in Gen.Choose(1, 12) select (x, y, m, n)).ToArbitrary(),
            pair => Assert.Equal(
                (pair.x, pair.m) == (pair.y, pair.n),
                TaskKey.OfAttempt(pair.x, pair.m) == TaskKey.OfAttempt(pair.y, pair.n)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        Assert.NotEqual(TaskKey.Of("a"), TaskKey.OfAttempt("a", 1));
    }
}
