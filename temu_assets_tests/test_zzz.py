import time
def test_x(new_seller):
    new_seller.place()
    for _ in range(4):
        t=time.perf_counter(); c=time.process_time(); new_seller.run(); print("RUN", time.perf_counter()-t, time.process_time()-c)
    import cProfile,pstats
    pr=cProfile.Profile(); pr.enable(); new_seller.run(); pr.disable()
    pstats.Stats(pr).sort_stats("cumulative").print_stats("load_settings|ensure_current|handle_new_event|connect$|_acquire|lease|create_run|create_execution_plan|resolve_job|sync|httpx|ssl|Client|import")
